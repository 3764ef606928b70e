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
package ai.djl.mamba.examples.cli.common;

import ai.djl.mamba.internal.Printable;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/**
 * Where a command writes.
 *
 * @param out the standard output
 * @param err the standard error
 * @param json whether the standard output is reserved for one JSON object
 */
public record Output(PrintWriter out, PrintWriter err, boolean json) {

    /**
     * Prints a line for people; control characters, which names from files may have, are escaped.
     *
     * @param format the format
     * @param args its arguments
     */
    public void line(String format, Object... args) {
        people().println(Printable.lines(String.format(format, args)));
    }

    /**
     * Returns where text for people goes.
     *
     * @return the standard output, or the standard error if the former is reserved for JSON
     */
    public PrintWriter people() {
        return json ? err : out;
    }

    /** Ends a command whose output nobody reads: {@code head}, for example, closes it early. */
    public void requireReader() {
        if (out.checkError()) {
            throw new Failures.OutputClosed();
        }
    }

    /**
     * Prints the result, if JSON was asked for.
     *
     * @param figures values by name: numbers, or what is written as text
     */
    public void result(Map<String, Object> figures) {
        JsonObject object = new JsonObject();
        figures.forEach(
                (key, value) -> {
                    if (value instanceof Number number) {
                        object.add(key, number(number));
                    } else {
                        object.addProperty(key, String.valueOf(value));
                    }
                });
        result(object);
    }

    /**
     * Converts a number to JSON.
     *
     * @param numberOrNull the number
     * @return the number; null if there is none, or if it is infinite or NaN
     */
    public static JsonElement number(Number numberOrNull) {
        return numberOrNull != null && Double.isFinite(numberOrNull.doubleValue())
                ? new JsonPrimitive(numberOrNull)
                : JsonNull.INSTANCE;
    }

    /**
     * Prints the result, if JSON was asked for.
     *
     * @param object the result
     */
    public void result(JsonObject object) {
        if (json) {
            out.println(Printable.of(object.toString())); // JSON may have some of them as they are
        }
    }

    /**
     * Starts a progress bar on the standard error.
     *
     * @param task what is being done
     * @param max the number of steps
     * @return the bar, or {@code null} if nobody is watching
     */
    public static ProgressBar progressBar(String task, long max) {
        if (!isTerminal()) {
            return null;
        }
        // not System.err, where the command line escapes what moves the cursor
        PrintStream err =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(max)
                .setUpdateIntervalMillis(500)
                .setConsumer(new ConsoleProgressBarConsumer(err))
                .clearDisplayOnFinish()
                .build();
    }

    /**
     * Tells whether a person is watching.
     *
     * @return whether the output is a terminal
     */
    @SuppressWarnings("SystemConsoleNull") // the reason for asking twice
    public static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try { // from Java 22 on there is always a console, and a method that tells what it is
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
