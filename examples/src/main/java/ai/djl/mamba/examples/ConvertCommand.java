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

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.Failures.Failure;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.tensors.TemporarySibling;
import ai.djl.mamba.zoo.text.EndOfText;
import ai.djl.mamba.zoo.text.ModelTokenizer;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba convert}: writes a model in the other dialect. */
@Command(
        name = "convert",
        description =
                "Write a model as a folder in the dialect of Hugging Face transformers (hf) or of"
                        + " the reference implementation (original). The files of its tokenizer come"
                        + " along, and the ids that end a text.")
final class ConvertCommand implements Callable<Integer> {

    private static final List<String> TOKENIZER =
            List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json");
    private static final String GENERATION = "generation_config.json";

    /** The dialects by their names here. */
    enum To {
        /** The transformers library. */
        HF(Dialect.TRANSFORMERS),
        /** The reference implementation. */
        ORIGINAL(Dialect.ORIGINAL);

        private final Dialect dialect;

        To(Dialect dialect) {
            this.dialect = dialect;
        }
    }

    @Mixin private CommonOptions common;
    @Mixin private ModelOption model;

    @Option(names = "--to", required = true, paramLabel = "DIALECT", description = "hf or original")
    private To to;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "folder for the result, made if it does not exist")
    private Path out;

    private ConvertCommand() {}

    @Override
    public Integer call() throws Exception {
        MambaCheckpoint.checkWritable(out);
        try (ZooModel<NDList, NDList> loaded = model.open(common)) {
            Path source = loaded.getModelPath();
            if (Files.exists(out) && Files.isSameFile(source, out)) {
                throw new Failure(
                        out + ": the result would overwrite the model that it is made of");
            }
            if (!(loaded.getBlock() instanceof MambaLanguageModel block)) {
                throw new Failure(model.name() + ": only language models can be converted");
            }
            Path tokenizer = ModelTokenizer.folder(loaded);
            int[] endIds = EndOfText.ids(source, null);
            MambaCheckpoint.save(block, out, to.dialect);
            for (String name : TOKENIZER) {
                copy(tokenizer.resolve(name));
            }
            copyGeneration(source, endIds);
            common.output().line("saved in %s", out);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("model", model.name());
            figures.put("dialect", to.name().toLowerCase(Locale.ROOT));
            figures.put("out", out);
            common.output().result(figures);
        }
        return 0;
    }

    private void copy(Path file) throws IOException {
        if (Files.isRegularFile(file)) {
            TemporarySibling.write(
                    out.resolve(file.getFileName()),
                    channel -> Files.copy(file, Channels.newOutputStream(channel)));
        }
    }

    /** The written config.json says nothing of the end of a text: this file has to. */
    private void copyGeneration(Path source, int[] endIds) throws IOException {
        Path file = source.resolve(GENERATION);
        if (Files.isRegularFile(file) || endIds.length == 0) {
            copy(file);
            return;
        }
        JsonObject json = new JsonObject();
        json.add("eos_token_id", new Gson().toJsonTree(endIds.length == 1 ? endIds[0] : endIds));
        byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
        TemporarySibling.write(
                out.resolve(GENERATION), channel -> Channels.newOutputStream(channel).write(text));
    }
}
