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
package ai.djl.mamba.examples.testing;

import ai.djl.mamba.examples.cli.Main;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Arrays;
import org.testng.Assert;
import picocli.CommandLine;

/** What a command returned and printed. */
public record CommandRun(int code, String out, String err) {

    /** Runs a command in this process. */
    public static CommandRun of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        int code = commandLine.execute(args);
        return new CommandRun(code, out.toString(), err.toString());
    }

    /** The words of a command line that is given in two parts. */
    public static String[] join(String[] first, String... second) {
        String[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** The same in three parts. */
    public static String[] join(String[] first, String[] second, String... third) {
        return join(join(first, second), third);
    }

    /** The object on the standard output of a success: JSON by the letter, and nothing else. */
    public JsonObject json() {
        Assert.assertEquals(code, 0, err);
        Assert.assertEquals(out.lines().count(), 1, out);
        try (JsonReader reader = new JsonReader(new StringReader(out))) {
            reader.setStrictness(Strictness.STRICT);
            JsonObject object = JsonParser.parseReader(reader).getAsJsonObject();
            Assert.assertEquals(reader.peek(), JsonToken.END_DOCUMENT);
            return object;
        } catch (IOException e) {
            throw new AssertionError(out, e);
        }
    }

    /** Asserts a failure that is told in one line, which has these words. */
    public void assertFailure(String words) {
        Assert.assertEquals(code, 1, err);
        Assert.assertEquals(out, "");
        Assert.assertEquals(err.lines().count(), 1, err);
        Assert.assertTrue(err.contains(words), err);
        Assert.assertFalse(err.contains("Exception"), err);
    }

    /** Asserts a failure that came after something was said, and is told in the last line. */
    public void assertFailureAfterOutput(String words) {
        Assert.assertEquals(code, 1, err);
        Assert.assertEquals(err.lines().count(), 1, err);
        Assert.assertTrue(err.contains(words), err);
        Assert.assertFalse(err.contains("Exception"), err);
    }

    /** Asserts wrong usage, which is told with these words. */
    public void assertWrongUsage(String words) {
        Assert.assertEquals(code, 2, err);
        Assert.assertEquals(out, "");
        Assert.assertTrue(err.contains("--help"), err);
        Assert.assertTrue(err.contains(words), err);
        Assert.assertFalse(err.contains("\tat "), err);
    }
}
