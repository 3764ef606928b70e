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
package ai.djl.mamba.training;

import ai.djl.mamba.testing.Mutations;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.TinyTraining;
import ai.djl.mamba.testing.TinyTraining.Outcome;
import ai.djl.mamba.testing.TinyTraining.Scenario;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What is left of a process that died at any point, and what somebody did to a checkpoint. */
public class CheckpointStoreTest {

    private static final String SECOND = "step-000000002";
    private static final String THIRD = "step-000000003";

    private static final String COUNT = "a whole number that is not negative";
    private static final String HUGE = "99999999999999999999";

    private Path folder;

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("mamba-store").resolve("checkpoints");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(folder.getParent());
    }

    private static TinyTraining training() {
        return TinyTraining.of("PyTorch", Scenario.CARRIED);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    public void thereIsOneCheckpoint() throws IOException {
        Assert.assertFalse(CheckpointStore.isUnfinished(folder));
        training().session(folder, false, 2);
        Assert.assertEquals(names(), List.of("latest", "lock", SECOND));
        Assert.assertTrue(CheckpointStore.isUnfinished(folder));
        training().session(folder, true, 1);
        Assert.assertEquals(names(), List.of("latest", "lock", THIRD));
        try (CheckpointStore store = new CheckpointStore(folder)) {
            store.finish();
            Assert.assertEquals(names(), List.of("latest", "lock"));
            Assert.assertTrue(store.latest().isEmpty());
        }
        Assert.assertTrue(CheckpointStore.isFinished(folder));
        Assert.assertFalse(CheckpointStore.isUnfinished(folder));
    }

    /** Each is the folder as one system call leaves it, of those that write the third step. */
    @DataProvider
    public Object[][] interruptions() {
        return new Object[][] {
            {"empty temporary folder"},
            {"half a file in it"},
            {"complete, not renamed"},
            {"renamed, not the latest"},
            {"half a name of the latest"},
            {"the latest, the one before half deleted"},
        };
    }

    @Test(dataProvider = "interruptions")
    public void anyInterruptionOfASaveIsSurvived(String where) throws IOException {
        Outcome expected = training().run();
        training().session(folder, false, 2);
        Path second = folder.resolveSibling(SECOND);
        Files.createDirectory(second);
        copyFiles(folder.resolve(SECOND), second);
        training().session(folder, true, 1);
        Assert.assertEquals(names(), List.of("latest", "lock", THIRD));
        leave(where);
        boolean isLatest = where.startsWith("the latest");
        if (!isLatest) {
            Files.move(second, folder.resolve(SECOND));
            Files.writeString(folder.resolve("latest"), SECOND + "\n");
        }
        long[] began = new long[1];
        Outcome resumed = training().session(folder, true, run -> began[0] = run.step());
        Assert.assertEquals(began[0], isLatest ? 3 : 2);
        Assert.assertEquals(names(), List.of("latest", "lock", "step-000000007"));
        expected.parameters()
                .forEach(
                        (name, values) ->
                                Assert.assertEquals(resumed.parameters().get(name), values, name));
    }

    /** Makes of the folder, in which the third step is complete, what an interruption left. */
    private void leave(String where) throws IOException {
        Path third = folder.resolve(THIRD);
        Path temporary = folder.resolve("." + THIRD);
        switch (where) {
            case "empty temporary folder" -> {
                ProcessFiles.delete(third);
                Files.createDirectory(temporary);
            }
            case "half a file in it" -> {
                ProcessFiles.delete(third);
                Files.createDirectory(temporary);
                Files.write(temporary.resolve("parameters.bin"), new byte[100]);
            }
            case "complete, not renamed" -> Files.move(third, temporary);
            case "half a name of the latest" -> Files.writeString(folder.resolve(".latest"), "st");
            case "the latest, the one before half deleted" -> {
                Files.createDirectory(folder.resolve(SECOND));
                Files.write(folder.resolve(SECOND).resolve("optimizer.bin"), new byte[9]);
            }
            default -> Assert.assertTrue(Files.isDirectory(third)); // renamed: nothing to do
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @DataProvider
    public Object[][] damages() {
        return new Object[][] {
            {"run.json", "damaged"},
            {"parameters.bin", "parameters.bin: damaged"},
            {"optimizer.bin", "optimizer.bin: damaged"},
            {"carried.bin", "carried.bin: damaged"},
            {"missing parameters.bin", "parameters.bin"},
            {"missing run.json", "run.json"},
            {"missing folder", "the latest checkpoint is missing"},
            {"version", "expected version 1, got 2"},
            {"latest", "latest: damaged"},
        };
    }

    @Test(dataProvider = "damages")
    public void damagedCheckpointsAreRefusedByName(String what, String words) throws IOException {
        training().session(folder, false, 2);
        Path checkpoint = folder.resolve(SECOND);
        switch (what) {
            case "missing folder" -> ProcessFiles.delete(checkpoint);
            case "version" -> {
                Path json = checkpoint.resolve("run.json");
                String text = Files.readString(json);
                Files.writeString(json, text.replace("\"version\":1", "\"version\":2"));
            }
            case "latest" -> Files.writeString(folder.resolve("latest"), "step-x\n");
            default -> {
                if (what.startsWith("missing ")) {
                    Files.delete(checkpoint.resolve(what.substring(8)));
                } else {
                    flipABit(checkpoint.resolve(what));
                }
            }
        }
        IOException e =
                Assert.expectThrows(IOException.class, () -> training().session(folder, true, 1));
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
        Assert.assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
    }

    /** A sum can be forged together with what it is the sum of. */
    @Test
    public void aRunThatCannotBeIsRefused() throws IOException {
        training().session(folder, false, 2);
        Path file = folder.resolve(SECOND).resolve("run.json");
        JsonObject sound = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        sound.remove("crc32");
        for (String[] change :
                new String[][] {
                    {"\"step\":2,", "\"step\":-1,", "state.step", COUNT, "-1"},
                    {
                        "\"step\":2,",
                        "\"step\":4,",
                        "state.step",
                        "that of the folder " + SECOND,
                        "4"
                    },
                    {"\"step\":2,", "\"step\":null,", "state.step", COUNT, "null"},
                    {
                        "\"carried_rows\":",
                        "\"carried_rows\":9",
                        "state.carried_rows",
                        "a whole number from 0 to 3",
                        "93"
                    },
                    {"\"epoch\":", "\"epoch\":[],\"x\":", "state.run.epoch", COUNT, "[]"},
                    {"\"stopping\":", "\"x\":", "state.run.stopping", "an object", "none"},
                    {
                        "\"tokens\":",
                        "\"tokens\":" + HUGE + ",\"x\":",
                        "state.run.tokens",
                        COUNT,
                        HUGE
                    },
                    {"\"tokens\":", "\"tokens\":1.5,\"x\":", "state.run.tokens", COUNT, "1.5"},
                    {
                        "\"updates\":",
                        "\"updates\":null,\"x\":",
                        "state.run.stopping.updates",
                        COUNT,
                        "null"
                    },
                    {
                        "\"stopped_early\":",
                        "\"stopped_early\":\"no\",\"x\":",
                        "state.run.stopped_early",
                        "true or false",
                        "\"no\""
                    },
                    {
                        "\"loss_sum\":",
                        "\"loss_sum\":\"much\",\"x\":",
                        "state.run.loss_sum",
                        "a number",
                        "\"much\""
                    },
                    {"\"state\":", "\"state\":null,\"x\":", "state", "an object", "null"},
                    {"\"files\":", "\"x\":", "files", "an object", "none"},
                    {"\"data\":", "\"data\":7,\"x\":", "state.data", "an object", "7"},
                    {
                        "\"next\":2",
                        "\"next\":1",
                        "state.data",
                        "a position in the data after 2 steps",
                        "{\"epoch\":0,\"next\":1}"
                    },
                    {
                        "\"next\":2",
                        "\"next\":3",
                        "state.data",
                        "a position in the data after 2 steps",
                        "{\"epoch\":0,\"next\":3}"
                    },
                    {
                        "\"next\":",
                        "\"x\":",
                        "state.data",
                        "a position in the data",
                        "{\"epoch\":0,\"x\":2}"
                    },
                    {
                        "\"bytes\":",
                        "\"bytes\":\"many\",\"x\":",
                        "files.parameters.bin.bytes",
                        COUNT,
                        "\"many\""
                    },
                    {
                        "\"crc32\":",
                        "\"crc32\":-1,\"x\":",
                        "files.parameters.bin.crc32",
                        "a whole number from 0 to 4294967295",
                        "-1"
                    },
                    {"\"version\":1", "\"version\":\"1\"", "version", COUNT, "\"1\""}
                }) {
            String changed = sound.toString().replaceFirst(Pattern.quote(change[0]), change[1]);
            write(file, JsonParser.parseString(changed).getAsJsonObject());
            IOException e =
                    Assert.expectThrows(
                            IOException.class, () -> training().session(folder, true, 1));
            Assert.assertEquals(
                    e.getMessage(),
                    String.format(
                            "%s: damaged: not a description of a training run: the key \"%s\""
                                    + " should be %s, got %s",
                            file, change[2], change[3], change[4]));
        }
    }

    /** A state that is not carried has no rows. */
    @Test
    public void rowsOfNoCarriedStateAreRefused() throws IOException {
        TinyTraining.of("PyTorch", Scenario.PLAIN).session(folder, false, 2);
        Path file = folder.resolve(SECOND).resolve("run.json");
        JsonObject run = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        run.getAsJsonObject("state").addProperty("carried_rows", 2);
        write(file, run);
        IOException e =
                Assert.expectThrows(
                        IOException.class,
                        () -> TinyTraining.of("PyTorch", Scenario.PLAIN).session(folder, true, 1));
        Assert.assertTrue(
                e.getMessage()
                        .endsWith(
                                "\"state.carried_rows\" should be 0, as this run carries no"
                                        + " state, got 2"),
                e.getMessage());
    }

    @Test
    public void whatIsNoDescriptionIsShown() throws IOException {
        training().session(folder, false, 2);
        Path file = folder.resolve(SECOND).resolve("run.json");
        for (String text : new String[] {"[1]", "", "{\"a\":"}) {
            Files.writeString(file, text);
            assertRefused(file + ": damaged: not a description", "expected a JSON object, got ");
        }
        Files.writeString(folder.resolve("latest"), "step-7\u001b\n");
        assertRefused(
                "latest: damaged: it does not name a checkpoint: expected a name such as",
                "\"step-000001200\", \"finished\", or both, found \"step-7\\u001b\"");
    }

    /** What was expected and found of a file of arrays. */
    @Test
    public void messagesSayWhatWasFound() throws IOException {
        training().session(folder, false, 2);
        Path checkpoint = folder.resolve(SECOND);
        Path json = checkpoint.resolve("run.json");
        String text = Files.readString(json);
        JsonObject sound = JsonParser.parseString(text).getAsJsonObject();
        long sum = sound.get("crc32").getAsLong();
        Files.writeString(json, text.replace("\"crc32\":" + sum, "\"crc32\":2748"));
        String all =
                String.format("run.json: damaged: expected the checksum 00000abc, found %08x", sum);
        assertRefused(all);
        Files.writeString(json, text);
        Path file = checkpoint.resolve("parameters.bin");
        byte[] arrays = Files.readAllBytes(file);
        flipABit(file);
        assertRefused(
                String.format(
                        "parameters.bin: damaged: expected the checksum %08x, found ",
                        Mutations.checksum(arrays)));
        String[] places = {
            "it ends in its header", "it ends in the name of array 1 of ", ": expected"
        };
        int[] lengths = {2, 5, arrays.length - 1};
        for (int i = 0; i < lengths.length; i++) {
            byte[] cut = Arrays.copyOf(arrays, lengths[i]);
            Files.write(file, cut);
            JsonObject forged = sound.deepCopy();
            JsonObject entry = forged.getAsJsonObject("files").getAsJsonObject("parameters.bin");
            entry.addProperty("bytes", cut.length);
            entry.addProperty("crc32", Mutations.checksum(cut));
            write(json, forged);
            assertRefused("parameters.bin: the file is truncated: it ends in ", places[i]);
        }
    }

    private void assertRefused(String... words) {
        IOException e =
                Assert.expectThrows(IOException.class, () -> training().session(folder, true, 1));
        for (String part : words) {
            Assert.assertTrue(e.getMessage().contains(part), part + " in " + e.getMessage());
        }
    }

    /** Writes run.json with the right sum. */
    private static void write(Path file, JsonObject json) throws IOException {
        JsonObject forged = json.deepCopy();
        forged.remove("crc32");
        byte[] bytes = forged.toString().getBytes(StandardCharsets.UTF_8);
        forged.addProperty("crc32", Mutations.checksum(bytes));
        Files.writeString(file, forged.toString());
    }

    private static void flipABit(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    public void twoRunsDoNotShareAFolder() throws IOException {
        try (CheckpointStore store = new CheckpointStore(folder)) {
            IOException e =
                    Assert.expectThrows(
                            IOException.class, () -> training().session(store.folder(), false, 1));
            Assert.assertTrue(e.getMessage().contains("another run"), e.getMessage());
        }
        training().session(folder, false, 1);
    }

    @Test
    public void beginningAnewForgetsTheOldRun() throws IOException {
        training().session(folder, false, 2);
        try (CheckpointStore store = new CheckpointStore(folder)) {
            store.clear();
        }
        Assert.assertEquals(names(), List.of("lock"));
        Assert.assertEquals(training().session(folder, true, 1).result().steps(), 1);
    }

    @Test
    public void othersFoldersAreRefused() throws IOException {
        Files.createDirectories(folder.resolve("step-000000001"));
        Path notes = Files.writeString(folder.resolve("notes.txt"), "mine");
        IOException e =
                Assert.expectThrows(IOException.class, () -> training().session(folder, false, 1));
        String words = "neither empty nor a folder of checkpoints: it has notes.txt";
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
        Assert.assertEquals(names(), List.of("notes.txt", "step-000000001"));
        Assert.assertEquals(Files.readString(notes), "mine");
    }

    /** A folder that is in use keeps what somebody else put there, even under a name of ours. */
    @Test
    public void onlyWhatARunMakesIsDeleted() throws IOException {
        Path other = Files.createDirectory(folder.resolveSibling("other"));
        Path kept = Files.writeString(other.resolve("run.json"), "mine");
        training().session(folder, false, 2);
        Path notes = Files.writeString(folder.resolve("notes.txt"), "mine");
        Path model = Files.createDirectories(folder.resolve(SECOND).resolve("model"));
        Files.writeString(model.resolve("config.json"), "{}");
        Files.createSymbolicLink(model.resolve("tokenizer.json"), kept);
        Files.createSymbolicLink(model.resolve("model.safetensors"), other);
        Path link = Files.createSymbolicLink(folder.resolve("step-000000009"), other);
        Path hidden = Files.createSymbolicLink(folder.resolve(".step-000000008"), other);
        Path theirs = Files.createDirectory(folder.resolve("step-000000001"));
        Files.writeString(theirs.resolve("photo.jpg"), "mine");
        Files.createSymbolicLink(theirs.resolve("parameters.bin"), kept);
        Files.writeString(theirs.resolve("optimizer.bin"), "ours");
        training().session(folder, true, 1);
        Assert.assertFalse(Files.exists(folder.resolve(SECOND)));
        try (CheckpointStore store = new CheckpointStore(folder)) {
            store.clear();
        }
        List<String> left =
                List.of(".step-000000008", "lock", "notes.txt", "step-000000001", "step-000000009");
        Assert.assertEquals(names(), left);
        for (Path file : List.of(kept, notes, theirs.resolve("photo.jpg"))) {
            Assert.assertEquals(Files.readString(file), "mine");
        }
        Assert.assertTrue(Files.isSymbolicLink(link) && Files.isSymbolicLink(hidden));
        Assert.assertTrue(Files.isSymbolicLink(theirs.resolve("parameters.bin")));
        Assert.assertFalse(Files.exists(theirs.resolve("optimizer.bin")));
    }

    /** Nor is a folder of a model whole, only what a run saves in it. */
    @Test
    public void onlyAModelIsDeletedInItsFolder() throws IOException {
        Path other = Files.createDirectory(folder.resolveSibling("other"));
        Files.writeString(other.resolve("config.json"), "mine");
        training().session(folder, false, 2);
        Path model = folder.resolve(SECOND).resolve("model");
        Path adapter = Files.createDirectories(model.resolve("adapter"));
        String temporary = ".config.json.123e4567-e89b-12d3-a456-426614174000";
        List<Path> ours =
                List.of(
                        model.resolve("config.json"),
                        model.resolve(temporary),
                        model.resolve("generation_config.json"),
                        model.resolve("model-00001-of-00002.safetensors"),
                        model.resolve("model.safetensors.index.json"),
                        model.resolve("special_tokens_map.json"),
                        adapter.resolve("adapter_config.json"),
                        adapter.resolve("adapter_model.safetensors"));
        Path photos = Files.createDirectory(model.resolve("photos"));
        List<Path> theirs =
                List.of(
                        model.resolve("notes.txt"),
                        photos.resolve("config.json"),
                        adapter.resolve("photo.jpg"));
        for (Path file : ours) {
            Files.writeString(file, "ours");
        }
        for (Path file : theirs) {
            Files.writeString(file, "mine");
        }
        Files.createSymbolicLink(model.resolve("folder"), other);
        training().session(folder, true, 1);
        Assert.assertEquals(ours.stream().filter(Files::exists).toList(), List.of());
        for (Path file : theirs) {
            Assert.assertEquals(Files.readString(file), "mine");
        }
        Assert.assertEquals(Files.readString(model.resolve("folder/config.json")), "mine");
        try (Stream<Path> files = Files.list(folder.resolve(SECOND))) {
            Assert.assertEquals(files.toList(), List.of(model), "the run's own files");
        }
    }

    /** A checkpoint is not made in the place of what somebody else put there. */
    @Test
    public void whatIsInTheWayIsNamed() throws IOException {
        training().session(folder, false, 2);
        Path theirs = Files.createDirectory(folder.resolve(THIRD));
        Files.writeString(theirs.resolve("photo.jpg"), "mine");
        IOException e =
                Assert.expectThrows(IOException.class, () -> training().session(folder, true, 1));
        Assert.assertTrue(e.getMessage().contains(THIRD + ": in the way"), e.getMessage());
        Assert.assertEquals(Files.readString(theirs.resolve("photo.jpg")), "mine");
        Assert.assertTrue(CheckpointStore.isUnfinished(folder));
    }

    /** What is replaced by a link, of the folder of a run. */
    @DataProvider
    public Object[][] links() {
        return new Object[][] {
            {"."},
            {"lock"},
            {"latest"},
            {".latest"},
            {SECOND},
            {SECOND + "/run.json"},
            {SECOND + "/optimizer.bin"}
        };
    }

    @Test(dataProvider = "links")
    public void linksAreNotFollowed(String name) throws IOException {
        training().session(folder, false, 2);
        Path place = folder.resolve(name).normalize();
        Path target = folder.resolveSibling("target");
        if (Files.exists(place)) {
            Files.move(place, target);
        } else {
            Files.writeString(target, "mine");
        }
        Files.createSymbolicLink(place, target);
        byte[] before = Files.isRegularFile(target) ? Files.readAllBytes(target) : new byte[0];
        IOException e =
                Assert.expectThrows(IOException.class, () -> training().session(folder, true, 1));
        Assert.assertTrue(e.getMessage().contains(place + ": a link"), e.getMessage());
        Assert.assertTrue(Files.isSymbolicLink(place));
        if (Files.isRegularFile(target)) {
            Assert.assertEquals(Files.readAllBytes(target), before);
        } else {
            Assert.assertTrue(Files.exists(target.resolve(name.equals(".") ? SECOND : "run.json")));
        }
    }

    /** Whoever writes a run.json can compute its checksum. */
    @DataProvider
    public Object[][] namesOfFiles() {
        return new Object[][] {
            {"../parameters.bin"},
            {"/parameters.bin"},
            {"a/b"},
            {"a\\b"},
            {".."},
            {""},
            {"a\u0000b"}
        };
    }

    @Test(dataProvider = "namesOfFiles")
    public void namesOfFilesElsewhereAreRefused(String name) throws IOException {
        training().session(folder, false, 2);
        Path file = folder.resolve(SECOND).resolve("run.json");
        JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        json.remove("crc32");
        JsonObject files = json.getAsJsonObject("files");
        files.add(name, files.get("optimizer.bin"));
        CRC32 checksum = new CRC32();
        checksum.update(json.toString().getBytes(StandardCharsets.UTF_8));
        json.addProperty("crc32", checksum.getValue());
        Files.writeString(file, json.toString());
        IOException e =
                Assert.expectThrows(IOException.class, () -> training().session(folder, true, 1));
        String words = "run.json: damaged: expected names of files in its folder, got \"";
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
    }
}
