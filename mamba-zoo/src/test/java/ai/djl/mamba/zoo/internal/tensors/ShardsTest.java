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

import ai.djl.MalformedModelException;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tensors in several files with an index, and which files of a folder are taken. */
public class ShardsTest extends EngineSuite {

    private static final String INDEX = "model.safetensors.index.json";
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    private Path folder;
    private Map<String, String> weightMap;

    public ShardsTest() {
        super(EngineSetup.PYTORCH);
    }

    @BeforeMethod
    public void writeShards() throws IOException {
        folder = TempFiles.folder("mamba-shards");
        NDArray a = normal(1, DataType.FLOAT32, 2, 3);
        NDArray b = normal(2, DataType.FLOAT32, 5);
        SafetensorsWriter.write(folder.resolve(FIRST), new LinkedHashMap<>(Map.of("a", a)));
        SafetensorsWriter.write(folder.resolve(SECOND), Map.of("b", b, "a2", a));
        weightMap = new LinkedHashMap<>(Map.of("a", FIRST, "b", SECOND, "a2", SECOND));
    }

    private Path writeIndex(Map<String, String> map) throws IOException {
        String json = new Gson().toJson(map);
        return writeIndex("{\"metadata\": {\"total_size\": 68}, \"weight_map\": " + json + "}");
    }

    private Path writeIndex(String json) throws IOException {
        return Files.writeString(folder.resolve(INDEX), json);
    }

    @Test
    public void readsAllFiles() throws Exception {
        writeIndex(weightMap);
        try (TensorSource source = TensorFiles.open(folder)) {
            Assert.assertEquals(source.path(), folder.resolve(INDEX));
            Assert.assertEquals(
                    List.copyOf(source.tensors().keySet()), List.copyOf(weightMap.keySet()));
            Assert.assertEquals(
                    source.read(manager, "b", DataType.FLOAT32).toFloatArray(),
                    normal(2, DataType.FLOAT32, 5).toFloatArray());
            Assert.assertTrue(source.isSame("a", "a2"), "the same numbers in two files");
            Assert.assertFalse(source.isSame("a", "b"));
        }
    }

    @Test
    public void readsShardsOfTorch() throws Exception {
        Files.copy(TorchArchives.resource("protocol4.bin"), folder.resolve("x.bin"));
        Files.copy(TorchArchives.resource("views.bin"), folder.resolve("y.bin"));
        Path index = folder.resolve("pytorch_model.bin.index.json");
        Map<String, String> map = new LinkedHashMap<>(Map.of("weight", "x.bin", "bias", "x.bin"));
        try (TensorSource views = open("views.bin")) {
            views.tensors().keySet().forEach(name -> map.put(name, "y.bin"));
        }
        Files.writeString(index, new Gson().toJson(Map.of("weight_map", map)));
        try (TensorSource source = TensorFiles.open(folder);
                TensorSource views = open("views.bin")) {
            Assert.assertEquals(source.tensors().keySet(), map.keySet());
            Assert.assertTrue(source.isSame("whole", "tied"));
            Assert.assertEquals(
                    source.read(manager, "steps", DataType.FLOAT32),
                    views.read(manager, "steps", DataType.FLOAT32));
        }
    }

    private static TensorSource open(String resource) throws Exception {
        Path only = TempFiles.folder("mamba").resolve("pytorch_model.bin");
        return TensorFiles.open(Files.copy(TorchArchives.resource(resource), only).getParent());
    }

    @Test
    public void followsLinks() throws Exception {
        Path blobs = TempFiles.folder("mamba-blobs");
        for (String name : new String[] {FIRST, SECOND}) {
            Path blob = Files.move(folder.resolve(name), blobs.resolve(name.substring(6, 11)));
            Files.createSymbolicLink(folder.resolve(name), blob);
        }
        try (TensorSource source = new ShardedReader(writeIndex(weightMap), Set.of())) {
            Assert.assertEquals(source.tensors().size(), 3);
        }
    }

    @DataProvider
    public Object[][] malformed() {
        String map = "\"weight_map\": ";
        return new Object[][] {
            {"{" + map, "JSON"},
            {"[]", "JSON"},
            {"{}", "must have the key weight_map"},
            {"{" + map + "{}} {}", ""},
            {"{" + map + "{}, " + map + "{}}", "twice"},
            {"{" + map + "{\"a\": \"" + FIRST + "\", \"a\": \"" + FIRST + "\"}}", "twice"},
            {"{" + map + "[]}", "JSON"},
            {"{" + map + "{\"a\": 1}}", "name of a file"},
            {"{" + map + "{\"a\": {\"b\": \"" + FIRST + "\"}}}", "name of a file"},
            {"{" + map + "{\"a\": \"\"}}", "plain name"},
            {"{" + map + "{\"a\": \".\"}}", "plain name"},
            {"{" + map + "{\"a\": \"..\"}}", "plain name"},
            {"{" + map + "{\"a\": \"../" + FIRST + "\"}}", "plain name"},
            {"{" + map + "{\"a\": \"x/" + FIRST + "\"}}", "plain name"},
            {"{" + map + "{\"a\": \"x\\\\y\"}}", "plain name"},
            {"{" + map + "{\"a\": \"/etc/passwd\"}}", "plain name"},
            {"{" + map + "{\"a\": \"x\\u0000y\"}}", "plain name"},
            {"[".repeat(100_000), ""},
            {"{\"metadata\": " + "[".repeat(100_000), ""},
            {"{" + map + "{\"a\": \"" + FIRST + "\", \"b\": \"" + FIRST + "\"}}", "b is not in"},
            {"{" + map + "{\"a\": \"" + FIRST + "\", \"b\": \"" + SECOND + "\"}}", "a2 is in"},
        };
    }

    @Test(dataProvider = "malformed")
    public void refusesMalformedIndexes(String json, String message) throws IOException {
        Path index = writeIndex(json);
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class,
                        () -> new ShardedReader(index, Set.of()).close());
        Assert.assertTrue(e.getMessage().contains(index.toString()), e.getMessage());
        Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    public void namesAllMissingFiles() throws IOException {
        for (int i = 0; i < 30; i++) {
            weightMap.put("c" + i, "shard-" + i + ".safetensors");
        }
        Files.createDirectory(folder.resolve("shard-1.safetensors"));
        Path index = writeIndex(weightMap);
        NoSuchFileException e =
                Assert.expectThrows(
                        NoSuchFileException.class,
                        () -> new ShardedReader(index, Set.of()).close());
        Assert.assertEquals(e.getFile(), index.toString());
        Assert.assertTrue(
                e.getReason().contains("shard-0.safetensors, shard-1.saf"), e.getReason());
        Assert.assertTrue(e.getReason().endsWith("and 10 more"), e.getReason());
    }

    @Test
    public void looksInOrder() throws Exception {
        NoSuchFileException none =
                Assert.expectThrows(
                        NoSuchFileException.class, () -> TensorFiles.open(folder).close());
        List<String> names = new ArrayList<>(TensorFiles.NAMES);
        names.forEach(name -> Assert.assertTrue(none.getReason().contains(name)));
        Assert.assertEquals(TensorFiles.find(folder), Optional.empty());
        while (!names.isEmpty()) {
            String last = names.remove(names.size() - 1);
            Path file = Files.createFile(folder.resolve(last));
            Assert.assertEquals(TensorFiles.find(folder), Optional.of(file));
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> TensorFiles.open(folder).close());
            Assert.assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        }
    }
}
