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
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.text.CharacterTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What a command reads, and what it writes besides, is not replaced even with --overwrite. */
public class InputsStayTest {

    private static final String TRAIN =
            "train --data TEXT --length 16 --model-size 8 --layers 1 --out OUT --steps ";
    private static final String TUNE =
            "finetune --data TEXT --model MODEL --length 16 --steps 1 --out OUT";

    private Path work;
    private Path model;
    private Path text;
    private Path out;

    @BeforeMethod
    public void makeFiles() throws IOException {
        work = Files.createTempDirectory("mamba-inputs");
        model = TinyModels.ofBytes(work.resolve("model"));
        text = Files.writeString(work.resolve("text.txt"), "public class A {}\n".repeat(200));
        out = work.resolve("out");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    private CommandRun run(String command) {
        return CommandRun.of(
                command.replace("MODEL", model.toString())
                        .replace("TEXT", text.toString())
                        .replace("OUT", out.toString())
                        .replace("WORK", work.toString())
                        .split(" ", -1));
    }

    private Map<Path, String> contents() throws IOException {
        Map<Path, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(work)) {
            for (Path file : files.toList()) {
                boolean isFile = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
                contents.put(
                        file, isFile ? Files.readString(file, StandardCharsets.ISO_8859_1) : "");
            }
        }
        return contents;
    }

    private void assertRefused(String command, String words) throws IOException {
        Map<Path, String> before = contents();
        run(command).assertFailure(words);
        Assert.assertEquals(contents(), before, command);
    }

    /** Commands that would replace what they read. */
    @DataProvider
    public Object[][] inputs() {
        String save = "generate --model MODEL --max-new-tokens 1 --overwrite --save-state ";
        return new Object[][] {
            {TRAIN + "1 --overwrite --metrics TEXT"},
            {TRAIN + "1 --overwrite --metrics WORK/data/../text.txt"},
            {TRAIN + "1 --overwrite --data WORK/data --metrics WORK/data/a.txt"},
            {TRAIN + "1 --overwrite --validation WORK/data/a.txt --metrics WORK/data/a.txt"},
            {TRAIN + "1 --overwrite --data OUT/config.json"},
            {TRAIN + "1 --overwrite --tokenizer WORK/data --metrics WORK/data/alphabet.json"},
            {TUNE + " --overwrite --metrics TEXT"},
            {TUNE + " --overwrite --metrics MODEL/config.json"},
            {save + "MODEL/config.json --ids 1"},
            {save + "MODEL/model.safetensors --ids 1"},
            {save + "TEXT --prompt-file TEXT"},
            {"convert --model MODEL --tokenizer WORK/data --to hf --overwrite --out WORK/data"},
            {"languages --data WORK/data --overwrite --out WORK/data"},
            {"languages --model MODEL --data WORK/data --overwrite --out MODEL"},
            {"compare --vocab 256 --text WORK/data --overwrite --out WORK/data"},
        };
    }

    @Test(dataProvider = "inputs")
    public void whatIsReadStays(String command) throws IOException {
        Path data = Files.createDirectory(work.resolve("data"));
        Files.writeString(data.resolve("a.txt"), "public class B {}\n".repeat(200));
        CharacterTokenizer.of("abcdefghijklmnopqrstuvwxyz {}AB\n").save(data);
        if (command.contains("OUT/config.json")) {
            Files.writeString(Files.createDirectory(out).resolve("config.json"), "{}".repeat(200));
        }
        boolean isFolder = command.endsWith("--out WORK/data") || command.endsWith("--out MODEL");
        assertRefused(command, isFolder ? "made from" : "expected another file");
    }

    /** Names of files and folders that a run writes itself. */
    @DataProvider
    public Object[][] outputs() {
        return new Object[][] {
            {"OUT"},
            {"OUT/config.json"},
            {"OUT/model.safetensors"},
            {"OUT/../out/./tokenizer.json"},
            {"OUT/checkpoints"},
            {"OUT/checkpoints/latest"},
            {"OUT/checkpoints/step-000000001/run.json"},
            {"OUT/adapter/adapter_config.json"},
            {"WORK/link/config.json"},
        };
    }

    @Test(dataProvider = "outputs")
    public void whatTheRunWritesIsNotItsMetrics(String metrics) throws IOException {
        Files.createSymbolicLink(work.resolve("link"), out);
        if (metrics.contains("link")) {
            Files.createDirectory(out);
        }
        for (String command : new String[] {TRAIN + "1", TUNE}) {
            for (String option : new String[] {"", " --overwrite", " --resume"}) {
                assertRefused(command + option + " --metrics " + metrics, "metrics");
            }
        }
    }

    /** With all that a run has made in the folder, its data included. */
    @Test
    public void aRunInTheFolderOfItsTextsIsRepeated() throws IOException {
        Path data = Files.createDirectory(work.resolve("data"));
        Files.move(text, data.resolve("text.txt"));
        out = data.resolve("out");
        String train = TRAIN.replace("TEXT", data.toString()) + "1";
        Assert.assertEquals(run(train).code(), 0);
        CommandRun again = run(train + " --overwrite");
        Assert.assertEquals(again.code(), 0, again.err());
    }

    /** Metrics beside the run, so that they can be taken for those of another. */
    @Test
    public void theMetricsOfAnotherRunStay() throws IOException {
        Assert.assertEquals(run(TRAIN + "3 --seed 1 --metrics WORK/a").code(), 0);
        Path first = out;
        out = work.resolve("other");
        Assert.assertEquals(run(TRAIN + "6 --seed 2 --metrics WORK/b").code(), 0);
        out = first;
        assertRefused(TRAIN + "5 --seed 1 --resume --metrics WORK/b", "not the metrics of the run");
        Path own = work.resolve("a");
        Files.writeString(own, "{\"step\":4}\n{\"st", StandardOpenOption.APPEND); // was killed
        CommandRun more = run(TRAIN + "5 --seed 1 --resume --metrics WORK/a");
        Assert.assertEquals(more.code(), 0, more.err());
        Assert.assertEquals(
                Files.readAllLines(own).stream().filter(line -> line.contains("epoch")).count(), 5);
    }

    /** Folders under names of files are found before anything is written. */
    @Test
    public void foldersInTheWayAreFoundFirst() throws IOException {
        for (String name : new String[] {"tokenizer.json", "config.json", "model.safetensors"}) {
            Files.createDirectories(out.resolve(name));
            for (String command :
                    new String[] {
                        "convert --model MODEL --to original --out OUT", TRAIN + 1, TUNE
                    }) {
                assertRefused(command + " --overwrite", name + ": a folder, expected a file");
            }
            Files.delete(out.resolve(name));
        }
        String synthetic =
                "synthetic --task induction-heads --model s4d --steps 1 --length 16 --out OUT";
        for (String command :
                new String[] {
                    synthetic, "compare --lengths 4 --out OUT", "languages --data MODEL --out OUT"
                }) {
            Files.createDirectories(out.resolve("index.html"));
            assertRefused(command + " --overwrite", "index.html: a folder, expected a file");
        }
    }

    /** However it is written, a link in the place of a folder is one. */
    @Test
    public void aLinkWithADotIsALink() throws IOException {
        Path target = Files.createDirectories(work.resolve("target/sub")).getParent();
        Files.createSymbolicLink(work.resolve("e"), target);
        for (String place : new String[] {"e", "e/", "e/.", "./e/./.", "e/sub/.."}) {
            for (String command :
                    new String[] {TRAIN + 1, "convert --model MODEL --to original --out OUT"}) {
                assertRefused(
                        command.replace("OUT", "WORK/" + place) + " --overwrite",
                        "e: a link, expected a folder");
            }
        }
    }

    /** Links in the place of files of a run that is overwritten are replaced. */
    @Test
    public void linksAmongCheckpointsAreReplaced() throws IOException {
        Assert.assertEquals(run(TRAIN + 2).code(), 0);
        Path checkpoints = out.resolve("checkpoints");
        Path target = work.resolve("target");
        for (String name : new String[] {"latest", "lock"}) {
            Path file = checkpoints.resolve(name);
            Files.move(file, target);
            Files.createSymbolicLink(file, target);
            String before = Files.readString(target);
            run(TRAIN + "2").assertFailure("");
            CommandRun again = run(TRAIN + "2 --overwrite");
            Assert.assertEquals(again.code(), 0, again.err());
            Assert.assertFalse(Files.isSymbolicLink(file), name);
            Assert.assertEquals(Files.readString(target), before);
            Files.delete(target);
        }
    }
}
