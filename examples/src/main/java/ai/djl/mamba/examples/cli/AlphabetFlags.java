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
import ai.djl.mamba.examples.cli.common.Failures;
import ai.djl.mamba.zoo.text.CharacterTokenizer;
import picocli.CommandLine.Option;

/** The options for a vocabulary of single characters. */
final class AlphabetFlags {

    @Option(
            names = "--alphabet",
            paramLabel = "CHARACTERS",
            description =
                    "the tokens are these characters, such as ACGTN, each once; saved with the model"
                            + " as alphabet.json")
    private String alphabet;

    @Option(
            names = "--unknown",
            paramLabel = "CHARACTER",
            description =
                    "the character of the alphabet that others are taken for (default: they are"
                            + " refused)")
    private String unknown;

    private AlphabetFlags() {}

    void check(CommonOptions common, String tokenizerOrNull) {
        common.require(
                "--alphabet", alphabet == null || tokenizerOrNull == null, "not with --tokenizer");
        common.require("--unknown", unknown == null || alphabet != null, "only with --alphabet");
        common.require(
                "--unknown",
                unknown == null || unknown.codePointCount(0, unknown.length()) == 1,
                "expected one character");
    }

    /** The tokenizer, or {@code null} if no alphabet is given. */
    CharacterTokenizer tokenizer(CommonOptions common) {
        if (alphabet == null) {
            return null;
        }
        try {
            return unknown == null
                    ? CharacterTokenizer.of(alphabet)
                    : CharacterTokenizer.of(alphabet, unknown.codePointAt(0));
        } catch (IllegalArgumentException e) {
            throw common.wrong("--alphabet: " + Failures.withoutClass(e.getMessage()));
        }
    }
}
