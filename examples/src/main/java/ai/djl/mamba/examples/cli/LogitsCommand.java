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

import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.zoo.TextModel;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import picocli.CommandLine.Command;

/** {@code mamba logits}: prints what a model computes. */
@Command(
        name = "logits",
        description =
                "Print the logits of a model as JSON: {\"logits\": [[…]…]}, one row for each"
                        + " position of the input, ids of padding included.")
final class LogitsCommand extends ReadingCommand {

    private LogitsCommand() {}

    @Override
    void read(TextModel text, long[] ids, Output output) throws IOException {
        // one row at a time: all of them can be larger than the memory
        JsonWriter json = new JsonWriter(output.out());
        try {
            text.generator()
                    .forEachLogits(
                            ids,
                            (position, row) -> {
                                write(json, position, row);
                                output.requireReader();
                            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        json.endArray().endObject().flush();
        output.out().println();
    }

    private static void write(JsonWriter json, int position, float[] row) {
        try {
            for (float logit : row) {
                if (!Float.isFinite(logit)) {
                    throw new Failure("a logit is " + logit + ", which JSON cannot express");
                }
            }
            if (position == 0) { // not before it is known that there is something to print
                json.beginObject().name("logits").beginArray();
            }
            json.beginArray();
            for (float logit : row) {
                json.value(logit);
            }
            json.endArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
