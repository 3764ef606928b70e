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

import ai.djl.mamba.examples.Failures.Failure;
import ai.djl.mamba.zoo.text.TextModel;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code mamba logits}: prints what a model computes. */
@Command(
        name = "logits",
        description =
                "Print the logits of a model as JSON: {\"logits\": [[…]…]}, one row for each"
                        + " position of the input, ids of padding included.")
final class LogitsCommand implements Callable<Integer> {

    @Mixin private CommonOptions common;
    @Mixin private ModelOption model;

    @ArgGroup(multiplicity = "1")
    private InputOptions input;

    private LogitsCommand() {}

    @Override
    public Integer call() throws Exception {
        input.open(common);
        try (ZooModel<NDList, NDList> loaded = model.open(common);
                TextModel text = TextModel.of(loaded)) {
            long[] ids = input.ids(text, model);
            // one row at a time: all of them can be larger than the memory
            PrintWriter out = common.output().out();
            JsonWriter json = new JsonWriter(out);
            text.generator().forEachLogits(ids, (position, row) -> write(json, position, row));
            json.endArray().endObject().flush();
            out.println();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return 0;
    }

    private void write(JsonWriter json, int position, float[] row) {
        try {
            for (float logit : row) {
                if (!Float.isFinite(logit)) {
                    throw new Failure("a logit is " + logit + ", which JSON cannot tell");
                }
            }
            if (position == 0) { // not before it is known that there is something to tell
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
        common.output().requireReader();
    }
}
