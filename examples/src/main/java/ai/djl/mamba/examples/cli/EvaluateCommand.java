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

import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.text.Score;
import com.google.gson.JsonObject;
import picocli.CommandLine.Command;

/** {@code mamba evaluate}: how well a model predicts a text. */
@Command(
        name = "evaluate",
        description = {
            "Print as JSON how well a model predicts a text of any length, read once from start to"
                    + " end:",
            "{\"tokens\": …, \"mean_nll\": …, \"perplexity\": …, \"bits_per_byte\": …}.",
            "mean_nll is the mean over all tokens but the first, which nothing predicts, in nats;"
                    + " bits_per_byte counts the bytes of these tokens in UTF-8 and is null for"
                    + " ids without a tokenizer; a number that is not finite is null, too."
        })
final class EvaluateCommand extends ReadingCommand {

    private EvaluateCommand() {}

    @Override
    void read(TextModel text, long[] ids, Output output) {
        long start = System.nanoTime();
        Score score = text.generator().score(ids);
        double seconds = (System.nanoTime() - start) / 1e9;
        output.err().printf("%.0f tokens/s%n", ids.length / seconds);
        JsonObject json = new JsonObject();
        json.addProperty("tokens", score.tokens());
        json.add("mean_nll", Output.number(score.meanNll()));
        json.add("perplexity", Output.number(score.perplexity()));
        json.add("bits_per_byte", Output.number(text.bitsPerByte(score, ids)));
        output.out().println(Printable.of(json.toString()));
    }
}
