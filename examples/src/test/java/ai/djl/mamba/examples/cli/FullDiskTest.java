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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.ProcessFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A disk without room: here no file may grow beyond some size, which fails in the same way. */
public class FullDiskTest {

    private static final int KIBIBYTES = 64;

    /** Some 200 KiB: larger than a file may be. */
    private static final String TRAIN =
            "train --data TEXT --length 16 --batch 1 --model-size 64 --layers 1 --steps 2"
                    + " --holdout 0 --out ";

    private Path work;

    @BeforeClass
    public void makeModel() throws IOException {
        work = Files.createTempDirectory("mamba-full-disk");
        Files.writeString(work.resolve("text.txt"), "public class A {}\n".repeat(200));
        // this also puts the engine's libraries where the processes find them
        Assert.assertEquals(CommandRun.of(words(TRAIN + "MODEL")).code(), 0);
    }

    @AfterClass(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    private String[] words(String command) {
        return command.replace("MODEL", work.resolve("model").toString())
                .replace("TEXT", work.resolve("text.txt").toString())
                .replace("OUT", work.resolve("out").toString())
                .split(" ", -1);
    }

    /** Commands, and the file that they cannot write. */
    @DataProvider
    public Object[][] commands() {
        return new Object[][] {
            {TRAIN + "OUT", "parameters.bin"},
            {"convert --model MODEL --to hf --out OUT", "out/model.safetensors"},
            {"convert --model MODEL --to original --out OUT", "/out/model.safetensors"},
            {"generate --model MODEL --ids 1 --max-new-tokens 1 --save-state OUT", "out"},
        };
    }

    @Test(dataProvider = "commands")
    public void theFileIsNamedAndNothingIsLeft(String command, String file) throws Exception {
        Path out = work.resolve("out");
        String said = run(KIBIBYTES - (file.equals("out") ? KIBIBYTES - 1 : 0), words(command));
        String message =
                said.lines().filter(line -> line.startsWith("mamba ")).findFirst().orElse("");
        Assert.assertTrue(message.contains(file + ": File too large"), said);
        Assert.assertFalse(message.contains("Exception"), said);
        Assert.assertFalse(Files.exists(out), names(work).toString());
        Assert.assertTrue(names(work).stream().noneMatch(name -> name.startsWith(".")), said);
    }

    /** A model that is to be replaced stays, if there is no room for the new one. */
    @Test
    public void whatWasThereStays() throws Exception {
        Path model = work.resolve("replaced");
        CommandRun.of(words("convert --model MODEL --to hf --out " + model));
        byte[] before = Files.readAllBytes(model.resolve("model.safetensors"));
        String said =
                run(KIBIBYTES, words("convert --model MODEL --to hf --overwrite --out " + model));
        Assert.assertTrue(said.contains("replaced/model.safetensors: File too large"), said);
        Assert.assertEquals(names(model), List.of("config.json", "model.safetensors"));
        Assert.assertEquals(Files.readAllBytes(model.resolve("model.safetensors")), before);
    }

    private String run(int kibibytes, String... args) throws Exception {
        File said = work.resolve("said").toFile();
        Process process =
                new ChildJvm(Main.class)
                        .withFilesUpTo(kibibytes)
                        .withOption("-XX:-UsePerfData")
                        .start(ProcessBuilder.Redirect.to(said), said, args);
        Assert.assertTrue(process.waitFor(1, TimeUnit.MINUTES), "it ends");
        String text = Files.readString(said.toPath());
        Assert.assertEquals(process.exitValue(), 1, text);
        return text;
    }

    private static List<String> names(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
