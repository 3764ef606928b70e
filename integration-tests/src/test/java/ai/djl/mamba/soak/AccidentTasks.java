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
package ai.djl.mamba.soak;

import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.testing.HubProperties;
import ai.djl.mamba.zoo.testing.TinyModels;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.testng.Assert;

/** Downloads that are cut, processes that are killed, and a disk without space. */
final class AccidentTasks implements AutoCloseable {

    private static final String HUB_MODEL = "owner/name";

    private final Path folder;
    private final Path model;
    private final HubProperties hub = new HubProperties();
    private final String trained;

    AccidentTasks(Path folder) throws Exception {
        this.folder = folder;
        model = TinyModels.ofBytes(folder.resolve("served"));
        hub.serve(model, HUB_MODEL);
        Path whole = folder.resolve("whole");
        trained = last(child().run("train", whole.toString()));
        ProcessFiles.delete(whole);
    }

    private static ChildJvm child() {
        return new ChildJvm(SoakChild.class);
    }

    private static String last(List<String> lines) {
        return lines.get(lines.size() - 1);
    }

    /** Downloads a model whose connections are cut at random places. */
    void download() throws Exception {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long size = Files.size(model.resolve("model.safetensors"));
        hub.server.cuts.add(Integer.MAX_VALUE);
        for (int i = random.nextInt(3); i > 0; i--) {
            hub.server.cuts.add((int) random.nextLong(1, size));
        }
        try (TextModel text = TextModel.load(HUB_MODEL);
                TextModel local = TextModel.load(model)) {
            Assert.assertEquals(text.generate("a"), local.generate("a"));
        } finally {
            hub.server.cuts.clear();
            hub.server.requests.clear();
            try (Stream<Path> files = Files.list(hub.cache)) {
                for (Path file : files.toList()) {
                    ProcessFiles.delete(file);
                }
            }
        }
    }

    /** Kills a training run at a random moment, resumes it, and compares the parameters. */
    void kill() throws Exception {
        Path run = folder.resolve("killed");
        Process process = child().start("train", run.toString());
        try (BufferedReader lines = process.inputReader()) {
            lines.readLine(); // the first step
            Thread.sleep(ThreadLocalRandom.current().nextInt(600));
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
        Assert.assertEquals(last(child().run("train", run.toString())), trained);
        ProcessFiles.delete(run);
    }

    /**
     * Saves a model over another in a process that may write only small files, as if the disk were
     * full: it says so, and the model that was there is whole.
     */
    void fillDisk() throws Exception {
        Path target = folder.resolve("target");
        TinyModels.ofBytes(target);
        List<String> before = names(target);
        Process process = child().withFilesUpTo(8).start("save", target.toString());
        String output;
        try (BufferedReader lines = process.inputReader()) {
            output = String.join("\n", lines.lines().toList());
        }
        Assert.assertEquals(process.waitFor(), 0, output);
        Assert.assertTrue(output.contains("model.safetensors"), output);
        Assert.assertEquals(names(target), before);
        try (TextModel kept = TextModel.load(target);
                TextModel expected = TextModel.load(model)) {
            Assert.assertEquals(kept.generate("a"), expected.generate("a"));
        }
        ProcessFiles.delete(target);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public void close() throws IOException {
        hub.close();
    }
}
