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
package ai.djl.mamba.documentation;

import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.HubProperties;
import ai.djl.mamba.zoo.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** The examples of docs/pretrained.md work. */
public class PretrainedSnippetsTest {

    private Path work;
    private HubProperties hub;

    @BeforeMethod
    public void serveModel() throws IOException {
        work = Files.createTempDirectory("mamba-pretrained-snippets");
        hub = new HubProperties();
        hub.serve(
                TinyModels.ofText(work.resolve("base"), Dialect.TRANSFORMERS),
                "state-spaces/mamba-130m-hf");
    }

    @AfterMethod(alwaysRun = true)
    public void stopServing() throws IOException {
        hub.close();
        ProcessFiles.delete(work);
    }

    @Test
    public void criteriaLoadAModelOfTheHub() throws Exception {
        Assert.assertFalse(PretrainedSnippets.load().isEmpty());
    }

    @Test
    public void aTextModelIsLoadedAndConverted() throws Exception {
        try (TextModel text = PretrainedSnippets.facade()) {
            Path converted = work.resolve("converted");
            PretrainedSnippets.convert(text.model(), converted);
            Assert.assertEquals(MambaCheckpoint.dialect(converted), Dialect.TRANSFORMERS);
        }
    }
}
