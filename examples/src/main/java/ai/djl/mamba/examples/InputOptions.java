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

import ai.djl.mamba.zoo.text.TextModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that say what a model is to read: one of them. */
final class InputOptions {

    @Option(names = "--ids", split = ",", paramLabel = "ID", description = "token ids: 1,2,3")
    private long[] ids;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "a text")
    private String prompt;

    @Option(
            names = {"--text", "--prompt-file"},
            paramLabel = "FILE",
            description = "a file with the text, in UTF-8")
    private Path file;

    private InputOptions() {}

    /** Complains of an empty input before a model is loaded for it. */
    void check(CommonOptions common) {
        common.require("--prompt", !"".equals(prompt), "expected at least one character");
        common.require("--ids", ids == null || ids.length > 0, "expected at least one id");
    }

    /** The text, or {@code null} where the input is ids. */
    String text() throws IOException {
        return file != null ? Files.readString(file) : prompt;
    }

    /** The ids, encoded from the text if need be. */
    long[] ids(TextModel model) throws IOException {
        return ids != null ? ids.clone() : model.tokenizer().encode(text());
    }
}
