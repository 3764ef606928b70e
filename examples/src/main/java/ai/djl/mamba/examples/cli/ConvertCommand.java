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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.OverwriteOption;
import ai.djl.mamba.zoo.checkpoint.Checkpoint;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.internal.model.ModelCompanions;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
                        + " the reference implementation (original). The files of its tokenizer and the"
                        + " ids that end a text are copied. Half precision becomes float32.")
final class ConvertCommand implements Callable<Integer> {

    /** The dialects, by their names on the command line. */
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
            description = "folder for the result, created if it does not exist")
    private Path out;

    @Mixin private OverwriteOption overwrite;

    private ConvertCommand() {}

    @Override
    public Integer call() throws Exception {
        common.require("--out", !out.toString().isEmpty(), "expected a folder");
        String adapter = model.adapter() == null ? null : model.adapter().toString();
        overwrite.checkFolder(out, model.name(), model.tokenizer(), adapter);
        ModelFiles.requireReplaceable(out);
        MambaCheckpoint.checkWritable(out);
        boolean isDouble;
        try (ZooModel<NDList, NDList> loaded = model.open(common)) {
            isDouble = isDouble(loaded.getModelPath());
            if (!isDouble) {
                convert(loaded);
            }
        }
        if (isDouble) { // again, so that no bit is lost
            try (ZooModel<NDList, NDList> loaded = model.open(common, "float64")) {
                convert(loaded);
            }
        }
        common.output().line("saved in %s", out);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("model", model.name());
        figures.put("dialect", to.name().toLowerCase(Locale.ROOT));
        figures.put("out", out);
        common.output().result(figures);
        return 0;
    }

    private static boolean isDouble(Path folder) throws IOException, MalformedModelException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.storedTypes().contains("F64");
        }
    }

    private void convert(ZooModel<NDList, NDList> loaded)
            throws IOException, MalformedModelException {
        Path source = loaded.getModelPath();
        if (Files.exists(out) && Files.isSameFile(source, out)) {
            throw new Failure(out + ": the result would overwrite what it is made from");
        }
        if (!(loaded.getBlock() instanceof MambaLanguageModel block)) {
            throw new Failure(model.name() + ": only language models can be converted");
        }
        if (to == To.HF) {
            checkTransformers(block.getConfig());
        }
        ModelCompanions companions = ModelCompanions.of(loaded);
        MambaCheckpoint.save(block, out, to.dialect);
        companions.write(out);
    }

    /** Transformers would compute something else without complaint. */
    private void checkTransformers(MambaConfig config) {
        MambaCheckpoint.foreign(config, to.dialect)
                .ifPresent(
                        foreign -> {
                            throw new Failure(
                                    String.format(
                                            "%s: a model with %s cannot be converted to hf:"
                                                    + " transformers does not have that",
                                            model.name(), foreign));
                        });
    }
}
