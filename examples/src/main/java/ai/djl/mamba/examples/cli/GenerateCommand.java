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
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Failures;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.OverwriteOption;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.internal.model.GenerationDefaults;
import ai.djl.mamba.zoo.internal.tensors.TemporarySibling;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba generate}: continues a text. */
@Command(
        name = "generate",
        description =
                "Continue a text, or ids. The prompt is printed first, then the continuation as it"
                        + " is generated; several continuations follow one another.")
final class GenerateCommand implements Callable<Integer> {

    @Mixin private CommonOptions common;
    @Mixin private ModelOption model;
    @Mixin private GenerationFlags flags;

    @ArgGroup private InputOptions input;

    @Option(
            names = "--load-state",
            paramLabel = "FILE",
            description = "a file that --save-state wrote; the prompt, if there is one, follows it")
    private Path loadState;

    @Option(
            names = "--save-state",
            paramLabel = "FILE",
            description =
                    "save the state of the model after the prompt; its size does not depend on the"
                            + " length of the prompt")
    private Path saveState;

    @Mixin private OverwriteOption overwrite;

    private GenerateCommand() {}

    @Override
    public Integer call() throws IOException, MalformedModelException, ModelNotFoundException {
        if (input == null && loadState == null) {
            throw common.wrong("Expected --prompt, --prompt-file, --ids or --load-state");
        }
        if (input != null) {
            input.open(common);
        }
        flags.check(common);
        checkStates();
        try (ZooModel<NDList, NDList> loaded = model.open(common);
                TextModel text = TextModel.of(loaded)) {
            flags.check(text);
            GenerationOptions options =
                    flags.options(
                            common,
                            text.defaults(),
                            GenerationDefaults.said(loaded.getModelPath()));
            GenerateReport report = new GenerateReport(common.output());
            long[] ids =
                    input == null
                            ? null
                            : input.ids(text, model, loadState != null, saveState != null);
            if (ids != null) {
                report.prompt(input.text(), ids);
            }
            try (PromptState state = read(text, ids)) {
                report.promptRead();
                save(state);
                generate(report, text, state, options);
            }
            report.finish();
        }
        return 0;
    }

    private static void generate(
            GenerateReport report, TextModel text, PromptState state, GenerationOptions options) {
        try {
            if (text.hasTokenizer()) {
                report.texts(text, state, options);
            } else {
                report.ids(text, state, options);
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            if (!Failures.isRefusal(e)) {
                throw e;
            }
            throw new Failure(GenerationFlags.inWordsOfOptions(e.getMessage()), e);
        }
    }

    /** Fails before a model is loaded and a prompt is read in vain. */
    private void checkStates() throws IOException {
        if (loadState != null && Files.isDirectory(loadState)) {
            throw new Failure(loadState + ": a folder, expected a file");
        }
        if (saveState != null) {
            String adapter = model.adapter() == null ? null : model.adapter().toString();
            String prompt = input == null ? null : input.file();
            overwrite.checkFile(
                    "--save-state", saveState, model.name(), model.tokenizer(), adapter, prompt);
            MambaCheckpoint.checkWritable(saveState.toAbsolutePath().getParent());
        }
    }

    private PromptState read(TextModel text, long[] idsOrNull) throws IOException {
        if (loadState == null) {
            return text.generator().read(idsOrNull);
        }
        PromptState before = restore(text);
        if (idsOrNull == null) {
            return before;
        }
        try (before) {
            return text.generator().read(before, idsOrNull);
        }
    }

    private PromptState restore(TextModel text) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(loadState))) {
            return text.restore(in);
        } catch (MalformedModelException e) {
            throw new Failure(loadState + ": " + e.getMessage(), e);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(loadState + ": " + e.getMessage(), e);
        }
    }

    private void save(PromptState state) throws IOException {
        if (saveState == null) {
            return;
        }
        Files.createDirectories(saveState.toAbsolutePath().getParent());
        TemporarySibling.write(
                saveState,
                channel -> {
                    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
                    state.save(out);
                    out.flush();
                });
    }
}
