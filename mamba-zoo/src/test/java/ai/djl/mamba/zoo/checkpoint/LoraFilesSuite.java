/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsReader;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;

/** What the suites on adapters in files share: a folder, a model that they fit, their content. */
public abstract class LoraFilesSuite extends ModelSuite {

    protected static final String CONFIG = "adapter_config.json";
    protected static final String TENSORS = "adapter_model.safetensors";

    protected Path work;

    protected LoraFilesSuite(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-lora");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    protected MambaLanguageModel tiny() throws Exception {
        return MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager);
    }

    protected static JsonObject config(Path folder) throws IOException {
        return JsonParser.parseString(Files.readString(folder.resolve(CONFIG))).getAsJsonObject();
    }

    protected Map<String, NDArray> read(SafetensorsReader reader) throws Exception {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (String name : reader.tensors().keySet()) {
            arrays.put(name, reader.read(manager, name, DataType.FLOAT32));
        }
        return arrays;
    }
}
