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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Writing of PyTorch's files; that torch opens them was tried with {@code weights_only=True}. */
public class TorchWriterTest extends EngineSuite {

    public TorchWriterTest() {
        super(EngineSetup.PYTORCH);
    }

    private Map<String, NDArray> tensors() {
        NDArray single = normal(1, DataType.FLOAT32, 300, 500);
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        tensors.put("single", single);
        tensors.put("double", normal(2, DataType.FLOAT64, 7));
        tensors.put("tied", single);
        tensors.put("ä", normal(3, DataType.FLOAT16, 2, 3, 5));
        tensors.put("scalar", manager.create(2.5f));
        tensors.put("empty", manager.create(new Shape(0, 3)));
        tensors.put("turned", normal(4, DataType.FLOAT32, 4, 6).transpose());
        return tensors;
    }

    @Test
    public void readsWhatItWrote() throws Exception {
        Path file = TempFiles.folder("mamba").resolve("pytorch_model.bin");
        Map<String, NDArray> tensors = tensors();
        TorchWriter.write(file, tensors);
        Assert.assertTrue(Files.size(file) < 700_000, "what is tied is stored once");
        try (TensorSource source = new TorchReader(file)) {
            Assert.assertEquals(
                    List.copyOf(source.tensors().keySet()), List.copyOf(tensors.keySet()));
            Assert.assertEquals(
                    source.tensors().get("ä"), new TensorInfo("F16", new Shape(2, 3, 5), 60));
            for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
                NDArray array = tensor.getValue();
                NDArray read = source.read(manager, tensor.getKey(), array.getDataType());
                Assert.assertEquals(read.getShape(), array.getShape(), tensor.getKey());
                Assert.assertEquals(doubles(read), doubles(array), tensor.getKey());
            }
            Assert.assertTrue(source.isSame("single", "tied"));
        }
    }

    @Test
    public void theSameTensorsGiveTheSameFile() throws Exception {
        Path folder = TempFiles.folder("mamba");
        Map<String, NDArray> tensors = tensors();
        TorchWriter.write(folder.resolve("a"), tensors);
        TorchWriter.write(folder.resolve("b"), tensors);
        Assert.assertEquals(Files.mismatch(folder.resolve("a"), folder.resolve("b")), -1);
    }

    @Test
    public void writesNoTensors() throws Exception {
        Path file = TempFiles.folder("mamba").resolve("pytorch_model.bin");
        TorchWriter.write(file, Map.of());
        try (TensorSource source = new TorchReader(file)) {
            Assert.assertEquals(source.tensors(), Map.of());
        }
    }

    @Test
    public void refusesOtherTypes() throws Exception {
        Path folder = TempFiles.folder("mamba");
        Map<String, NDArray> tensors = Map.of("t", manager.create(new int[] {1}));
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> TorchWriter.write(folder.resolve("a"), tensors));
        Assert.assertTrue(e.getMessage().contains("Tensor t has type int32"), e.getMessage());
        try (Stream<Path> left = Files.list(folder)) {
            Assert.assertEquals(left.count(), 0);
        }
    }
}
