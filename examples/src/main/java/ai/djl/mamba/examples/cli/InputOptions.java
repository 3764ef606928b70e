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

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.text.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that say what a model reads: exactly one of them is given. */
final class InputOptions {

    private static final String STANDARD_INPUT = "-";

    @Option(
            names = "--ids",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            paramLabel = "ID",
            description = "token ids: 1,2,3")
    private long[] ids;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "a text")
    private String prompt;

    @Option(
            names = {"--text", "--prompt-file"},
            paramLabel = "FILE",
            description = "a file with the text, in UTF-8; - reads standard input")
    private Path file;

    private String text;

    private InputOptions() {}

    /** Reads the input, so that a wrong one is refused before a model is loaded. */
    void open(CommonOptions common) throws IOException {
        common.require("--prompt", !"".equals(prompt), "expected at least one character");
        text = file == null ? prompt : read(file);
    }

    /** Reads a file once: it may be a pipe. */
    private static String read(Path file) throws IOException {
        boolean isInput = file.toString().equals(STANDARD_INPUT);
        if (!isInput && Files.isDirectory(file)) {
            throw new Failure(file + ": a folder, expected a file");
        }
        try {
            String text = isInput ? decode(System.in.readAllBytes()) : Files.readString(file);
            if (text.isEmpty()) {
                throw new Failure(
                        (isInput ? "standard input" : file)
                                + ": empty, expected at least one character");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new Failure((isInput ? "standard input" : file) + ": not a text in UTF-8", e);
        }
    }

    /** Decodes as {@link Files#readString} does, which refuses wrong bytes. */
    private static String decode(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    /** The file that was named, or {@code null}. */
    String file() {
        return file == null ? null : file.toString();
    }

    /** The text, or {@code null} if the input is ids. */
    String text() {
        return text;
    }

    /**
     * The ids, encoded from the text if need be.
     *
     * @param continues whether the text continues one that the model has read
     * @param isContinued whether the state after the text is kept, to be continued
     */
    long[] ids(TextModel model, ModelOption name, boolean continues, boolean isContinued) {
        if (ids != null) {
            return ids.clone();
        }
        if (!model.hasTokenizer()) {
            throw new Failure(
                    name.name()
                            + ": the model has no tokenizer: give --ids, or name a tokenizer"
                            + " with --tokenizer");
        }
        Tokenizer tokenizer = model.tokenizer();
        if (continues) {
            return tokenizer.encodeContinuation(text);
        }
        return isContinued ? tokenizer.encodeStart(text) : tokenizer.encode(text);
    }
}
