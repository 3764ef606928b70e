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

import ai.djl.MalformedModelException;
import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import picocli.CommandLine;

/** Names from files of strangers do not control the terminal. */
public class TerminalTest {

    /** Moves the cursor, the second time as one character. */
    private static final String EVIL = "\\u001b[2J\\u009b2J";

    private Path work;
    private Path model;

    @BeforeMethod
    public void makeModel() throws IOException {
        work = Files.createTempDirectory("mamba-terminal");
        model = TinyModels.ofBytes(work.resolve("model"));
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    /** Files of a model, with JSON that has the characters as escapes. */
    @DataProvider
    public Object[][] files() {
        String config = "{\"model_type\": \"mamba\", ";
        return new Object[][] {
            {"config.json", "{\"model_type\": \"EVIL\"}"},
            {"config.json", "{\"EVIL\": 1, \"EVIL\": 2}"},
            {"config.json", config + "\"hidden_size\": \"EVIL\"}"},
            {"config.json", config + "\"hidden_size\": {\"EVIL\": 1}}"},
            {
                "model.safetensors",
                "{\"EVIL\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 9]}}"
            },
            {
                "model.safetensors",
                "{\"a\": {\"dtype\": \"EVIL\", \"shape\": [], \"data_offsets\": [0, 4]}}"
            },
            {"model.safetensors", "{\"a\": {\"EVIL\": 1}}"},
            {
                "model.safetensors",
                "{\"EVIL\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}, "
                        + "\"b\": {\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [4, 4]}, "
                        + "\"c\": {\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [4, 4]}}"
            },
            {"model.safetensors.index.json", "{\"weight_map\": {\"EVIL\": 1}}"},
            {"model.safetensors.index.json", "{\"weight_map\": {\"a\": \"EVIL\"}}"},
            {"adapter/adapter_config.json", "{\"peft_type\": \"EVIL\"}"},
            {
                "adapter/adapter_config.json",
                "{\"peft_type\": \"LORA\", \"r\": 1, \"target_modules\": \"(EVIL\"}"
            },
        };
    }

    @Test(dataProvider = "files")
    public void messagesHaveNoControlCharacters(String name, String json) throws IOException {
        String text = json.replace("EVIL", EVIL);
        Path file = model.resolve(name);
        Files.createDirectories(file.getParent());
        if (name.endsWith(".index.json")) {
            Files.delete(model.resolve("model.safetensors"));
        }
        Files.write(
                file,
                name.endsWith(".safetensors")
                        ? safetensors(text)
                        : text.getBytes(StandardCharsets.UTF_8));
        String command = "logits --ids 1 --verbose --model " + model;
        if (name.startsWith("adapter")) {
            command += " --adapter " + file.getParent();
        }
        CommandRun run = CommandRun.of(command.split(" "));
        Assert.assertNotEquals(run.code(), 0, run.err());
        assertHarmless(run.err());
        Assert.assertTrue(run.err().contains("\\u001b[2J"), run.err());
    }

    @Test
    public void theTraceOfAFailureIsFlushed() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CommandLine command = Main.commandLine();
        command.setErr(
                new PrintWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8), true));
        command.execute("logits", "--ids", "1", "--verbose", "--model", model + "/none");
        String written = bytes.toString(StandardCharsets.UTF_8);
        Assert.assertTrue(written.contains("\tat ai.djl.mamba."), written);
    }

    @Test
    public void tokensAreEscaped() throws IOException {
        Files.writeString(
                model.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\""
                        + EVIL
                        + "\": -1}, \"merges\": []}}");
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> Tokenizer.open(model, 300));
        assertHarmless(e.getMessage());
        Assert.assertTrue(e.getMessage().contains("the token \"\\u001b[2J"), e.getMessage());
    }

    /** A header and four bytes. */
    private static byte[] safetensors(String header) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(12 + json.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    private static void assertHarmless(String text) {
        Assert.assertTrue(
                text.chars().allMatch(c -> c == '\n' || c == '\t' || !Character.isISOControl(c)),
                text);
    }

    /** Nor do names of files, or what is wrong in a command. */
    @Test
    public void namesOfFilesAreEscaped() throws IOException {
        String name = "no\u001b[2Jmodel";
        CommandRun run =
                CommandRun.of("logits", "--ids", "1", "--model", work.resolve(name).toString());
        assertHarmless(run.err());
        assertHarmless(CommandRun.of("logits", "--\u001b[2J").err());
    }

    /** JSON stays the same JSON. */
    @Test
    public void jsonHasNoControlCharacters() throws IOException {
        CommandRun run =
                CommandRun.of(
                        "generate",
                        "--model",
                        model.toString(),
                        "--prompt",
                        "a\u001b\u009b\u007f",
                        "--max-new-tokens",
                        "1",
                        "--json");
        assertHarmless(run.out());
        Assert.assertEquals(run.json().get("prompt").getAsString(), "a\u001b\u009b\u007f");
    }

    /** What logs are written to. */
    @Test
    public void logsAreEscaped() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream stream =
                new PrintStream(new ErrorStream(written), true, StandardCharsets.UTF_8);
        stream.println("WARN ä\u001b[2J\u009b2J\tb");
        stream.write('\b');
        Assert.assertEquals(
                written.toString(StandardCharsets.UTF_8),
                "WARN ä\\u001b[2J\\u009b2J\tb" + System.lineSeparator() + "\\u0008");
    }
}
