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
package ai.djl.mamba.examples;

import ai.djl.mamba.testing.ProcessFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The programs for users to copy run as they are, without a network. */
public class ProgramsTest {

    /** A program. */
    @FunctionalInterface
    private interface Program {
        void run(String... args) throws Exception;
    }

    private static String run(Program program, String... args) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            program.run(args);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    public void generate() throws Exception {
        String text = run(Generate::main, "mamba2-java-bytes", "import java.util.");
        Assert.assertTrue(text.startsWith("import java.util."), text);
        Assert.assertTrue(text.length() > 100, text);
    }

    @Test
    public void stream() throws Exception {
        String text = run(Stream::main);
        Assert.assertTrue(text.startsWith("public class Stack {\n"), text);
        Assert.assertTrue(text.contains("LENGTH") || text.contains("STOP"), text);
    }

    @Test
    public void promptCache() throws Exception {
        String text = run(PromptCache::main);
        Assert.assertEquals(text.split("--\\R").length, 4, text);
    }

    @Test
    public void classify() throws Exception {
        String text = run(Classify::main);
        String percent = text.replaceAll("(?s).*accuracy ([0-9.]+) %.*", "$1");
        Assert.assertTrue(Double.parseDouble(percent) > 80, text);
    }

    @Test
    public void ownNetwork() throws Exception {
        String text = run(OwnNetwork::main);
        Assert.assertTrue(loss(text, 100) < loss(text, 0) / 2, text);
    }

    private static double loss(String text, int step) {
        return Double.parseDouble(
                text.replaceAll("(?s).*step " + step + ": loss ([0-9.]+).*", "$1"));
    }

    @Test
    public void fineTune() throws Exception {
        Path folder = Files.createTempDirectory("mamba-finetune");
        try {
            String text = run(FineTune::main, folder.toString());
            Assert.assertTrue(text.contains("to be or not to be, to be or not to be"), text);
        } finally {
            ProcessFiles.delete(folder);
        }
    }

    /** Nothing is written to a folder that is refused, and no file there is replaced. */
    @Test
    public void fineTuneLeavesOthersFilesAlone() throws Exception {
        Path folder = Files.createTempDirectory("mamba-finetune");
        try {
            Path texts = Files.writeString(folder.resolve("texts.txt"), "mine");
            Assert.assertThrows(IOException.class, () -> run(FineTune::main, folder.toString()));
            Assert.assertEquals(Files.readString(texts), "mine");
            Files.delete(texts);
            Path checkpoints = Files.createDirectory(folder.resolve("checkpoints"));
            Files.writeString(checkpoints.resolve("photo.jpg"), "mine");
            Assert.assertThrows(IOException.class, () -> run(FineTune::main, folder.toString()));
            Assert.assertFalse(Files.exists(texts));
        } finally {
            ProcessFiles.delete(folder);
        }
    }
}
