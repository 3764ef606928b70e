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

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.training.TrainingFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Nothing that was there is replaced or removed by a command unless {@code --overwrite} is given.
 */
public class OverwriteTest {

    private Path work;
    private Path model;
    private Path text;

    @BeforeClass
    public void makeModel() throws IOException {
        work = Files.createTempDirectory("mamba-overwrite");
        model = TinyModels.ofBytes(work.resolve("model"));
        text = Files.writeString(work.resolve("text.txt"), "public class A {}\n".repeat(200));
    }

    @AfterClass(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    /** Commands and what they write. */
    @DataProvider
    public Object[][] commands() {
        String train =
                "train --data TEXT --length 16 --model-size 8 --layers 1 --steps 1 --out OUT";
        String tune = "finetune --data TEXT --model MODEL --length 16 --steps 1 --out OUT";
        return new Object[][] {
            {train, "config.json"},
            {train + " --resume", "config.json"},
            {train, "metrics.jsonl"},
            {train, "pytorch_model.bin"},
            {tune, "config.json"},
            {tune + " --lora 2", "adapter/adapter_config.json"},
            {"convert --model MODEL --to original --out OUT", "pytorch_model.bin"},
            {"generate --model MODEL --ids 1 --max-new-tokens 1 --save-state OUT/a", "a"},
            {
                "synthetic --task induction-heads --model s4d --steps 1 --length 16 --batch 2"
                        + " --out OUT",
                "index.html"
            },
            {"compare --lengths 64 --measure inference --models mamba --out OUT", "compare.json"},
            {"languages --data MODEL --out OUT", "index.html"},
            {"train --data TEXT --length 16 --steps 1 --out NEW --metrics OUT/m", "m"},
        };
    }

    private String[] words(String command, Path out) {
        return command.replace("MODEL", model.toString())
                .replace("TEXT", text.toString())
                .replace("OUT", out.toString())
                .replace("NEW", out.resolveSibling("new").toString())
                .split(" ", -1);
    }

    private static Map<Path, String> contents(Path folder) throws IOException {
        Map<Path, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                contents.put(
                        file, Files.isRegularFile(file) ? Files.readString(file, ISO_8859_1) : "");
            }
        }
        return contents;
    }

    @Test(dataProvider = "commands")
    public void whatIsThereStays(String command, String file) throws IOException {
        Path out = Files.createTempDirectory(work, "there");
        Files.createDirectories(out.resolve(file).getParent());
        Files.writeString(out.resolve(file), "mine");
        Map<Path, String> before = contents(work);
        CommandRun.of(words(command, out)).assertFailure("--overwrite");
        Assert.assertEquals(contents(work), before);
    }

    /** Wherever a link leads, it is something that is there. */
    @Test
    public void linksAreNotFollowed() throws IOException {
        Path target = Files.writeString(work.resolve("target"), "mine");
        Path folder = Files.createTempDirectory(work, "links");
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), work.resolve("none"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        String save = "generate --model MODEL --ids 1 --max-new-tokens 1 --save-state OUT/";
        CommandRun.of(words(save + "dangling", folder)).assertFailure("--overwrite");
        CommandRun.of(words(save + "link", folder)).assertFailure("--overwrite");
        Assert.assertEquals(CommandRun.of(words(save + "link --overwrite", folder)).code(), 0);
        Assert.assertFalse(Files.isSymbolicLink(link));
        Assert.assertEquals(Files.readString(target), "mine");

        Path metrics = Files.createSymbolicLink(folder.resolve("metrics"), target);
        String train =
                "train --data TEXT --length 16 --model-size 8 --layers 1 --steps 1 --out OUT/run"
                        + " --metrics OUT/metrics";
        CommandRun.of(words(train, folder)).assertFailure("metrics exists already: --overwrite");
        Assert.assertEquals(CommandRun.of(words(train + " --overwrite", folder)).code(), 0);
        Assert.assertFalse(Files.isSymbolicLink(metrics));
        Assert.assertEquals(Files.readString(target), "mine");
        Assert.assertTrue(Files.exists(dangling, LinkOption.NOFOLLOW_LINKS));
        Assert.assertFalse(Files.exists(work.resolve("none")));
    }

    /** A finished model is replaced when that is asked for, and nothing beside it. */
    @Test
    public void onlyWhatIsWrittenIsReplaced() throws IOException {
        Path out = Files.createTempDirectory(work, "replaced");
        String train =
                "train --data TEXT --length 16 --model-size 8 --layers 1 --steps 1 --out OUT --seed ";
        Assert.assertEquals(CommandRun.of(words(train + 1, out)).code(), 0);
        Files.writeString(out.resolve("notes.txt"), "mine");
        byte[] first = Files.readAllBytes(out.resolve("model.safetensors"));
        CommandRun.of(words(train + 2, out)).assertFailure("finished run");
        Assert.assertEquals(Files.readAllBytes(out.resolve("model.safetensors")), first);
        CommandRun.of(words(train + "2 --overwrite --resume", out)).assertWrongUsage("--overwrite");
        Assert.assertEquals(CommandRun.of(words(train + "2 --overwrite", out)).code(), 0);
        Assert.assertNotEquals(Files.readAllBytes(out.resolve("model.safetensors")), first);
        Assert.assertEquals(Files.readString(out.resolve("notes.txt")), "mine");
        Assert.assertEquals(Files.readAllLines(out.resolve("metrics.jsonl")).size(), 2);
    }

    /** The model that another is made from stays, whatever is asked for. */
    @Test
    public void aModelIsNotReplacedByWhatIsMadeFromIt() throws IOException {
        Map<Path, String> before = contents(model);
        for (String command :
                new String[] {
                    "convert --model MODEL --to hf --out MODEL",
                    "finetune --model MODEL --data TEXT --steps 1 --out MODEL"
                }) {
            CommandRun.of(words(command, model)).assertFailure("made from");
            CommandRun.of(words(command + " --overwrite", model)).assertFailure("made from");
        }
        Assert.assertEquals(contents(model), before);
    }

    /** Commands that write to a folder, which must not be a link even with {@code --overwrite}. */
    @Test(dataProvider = "commands")
    public void linkedFoldersAreRefused(String command, String file) throws IOException {
        if (!command.endsWith("--out OUT")) {
            return;
        }
        Path target = Files.createTempDirectory(work, "target");
        Files.writeString(target.resolve("config.json"), "mine");
        Path link = Files.createSymbolicLink(target.resolveSibling(target + "-link"), target);
        Map<Path, String> before = contents(work);
        CommandRun.of(words(command + " --overwrite", link))
                .assertFailure(link + ": a link, expected a folder");
        Assert.assertEquals(contents(work), before);
    }

    /** What is called as the folder of a run is, and is none, stays with all that is in it. */
    @Test
    public void foldersThatAreNotOfARunAreRefused() throws IOException {
        Path photos = Files.createTempDirectory(work, "photos");
        Files.writeString(photos.resolve("photo.jpg"), "mine");
        Path adapter = Files.createDirectory(Files.createTempDirectory(work, "a").resolve("out"));
        Files.createSymbolicLink(adapter.resolve("adapter"), photos);
        Path linked = Files.createDirectory(Files.createTempDirectory(work, "b").resolve("out"));
        Files.createSymbolicLink(linked.resolve("checkpoints"), photos);
        Path foreign = Files.createDirectory(Files.createTempDirectory(work, "c").resolve("out"));
        Files.createDirectory(foreign.resolve("checkpoints"));
        Files.writeString(foreign.resolve("checkpoints").resolve("photo.jpg"), "mine");
        Map<Path, String> before = contents(work);
        String train = "train --data TEXT --length 16 --model-size 8 --steps 1 --out OUT";
        String tune = "finetune --data TEXT --model MODEL --lora 2 --length 16 --steps 1 --out OUT";
        for (String command : new String[] {train, tune}) {
            for (String option : new String[] {" --overwrite", " --resume"}) {
                CommandRun.of(words(command + option, foreign)).assertFailure("photo.jpg");
            }
            CommandRun.of(words(command + " --overwrite", linked))
                    .assertFailure("checkpoints: a link, expected a folder");
            CommandRun.of(words(command + " --overwrite", adapter))
                    .assertFailure("adapter: a link, expected a folder");
        }
        Assert.assertEquals(contents(work), before);
    }

    /** A model takes the place of another; files of no model stay. */
    @Test
    public void aModelReplacesOnlyAModel() throws IOException {
        Path out = Files.createTempDirectory(work, "models");
        Path target = Files.writeString(work.resolve("weights"), "mine");
        Files.createSymbolicLink(out.resolve("model.safetensors"), target);
        for (String old :
                new String[] {
                    "pytorch_model-00001-of-00002.bin",
                    "model.safetensors.index.json",
                    "tokenizer.json",
                    "generation_config.json"
                }) {
            Files.writeString(out.resolve(old), "{}");
        }
        Path[] others = {
            out.resolve("README.md"), out.resolve("adapter_model.bin"), out.resolve("x.safetensors")
        };
        for (Path other : others) {
            Files.writeString(other, "mine");
        }
        String convert = "convert --model MODEL --to hf --out OUT --overwrite";
        Assert.assertEquals(CommandRun.of(words(convert, out)).code(), 0);
        for (Path other : others) {
            Assert.assertEquals(Files.readString(other), "mine");
        }
        Assert.assertEquals(Files.readString(target), "mine");
        Assert.assertFalse(Files.isSymbolicLink(out.resolve("model.safetensors")));
        try (Stream<Path> files = Files.list(out)) {
            Assert.assertEquals(
                    files.map(file -> file.getFileName().toString()).sorted().toList(),
                    List.of(
                            "README.md",
                            "adapter_model.bin",
                            "config.json",
                            "model.safetensors",
                            "x.safetensors"));
        }
    }

    /** Without a command line, too. */
    @Test
    public void trainingFoldersWithFilesOfAModelAreRefused() throws IOException {
        for (String name :
                new String[] {
                    "config.json",
                    "generation_config.json",
                    "tokenizer.json",
                    "alphabet.json",
                    "model-00001-of-00002.safetensors",
                    "pytorch_model.bin",
                    "adapter",
                    "metrics.jsonl"
                }) {
            Path out = Files.createTempDirectory(work, "java");
            Files.writeString(out.resolve("notes.txt"), "mine");
            TrainingFolder folder = new TrainingFolder(out, false);
            folder.check();
            Files.createFile(out.resolve(name));
            IOException e = Assert.expectThrows(IOException.class, folder::check);
            Assert.assertTrue(e.getMessage().contains(name), e.getMessage());
            if (!name.equals("adapter")) {
                folder.overwriting().check();
            }
        }
    }
}
