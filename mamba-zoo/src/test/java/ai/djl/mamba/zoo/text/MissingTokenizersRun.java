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
package ai.djl.mamba.zoo.text;

import ai.djl.MalformedModelException;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens tokenizers where DJL's library for them is not on the class path. */
final class MissingTokenizersRun {

    private MissingTokenizersRun() {}

    /** Prints what a byte tokenizer makes of bytes, then what a folder with a file leads to. */
    public static void main(String[] args) throws IOException, MalformedModelException {
        Path empty = Files.createTempDirectory("mamba-tokenizer");
        try (Tokenizer bytes = Tokenizers.open(empty, 256)) {
            System.out.println(bytes.decode('a', 'b'));
        } finally {
            Files.delete(empty);
        }
        try {
            Tokenizers.open(Path.of(args[0]), TokenizerFolder.VOCAB_SIZE).close();
        } catch (IOException e) {
            System.out.println(e);
        }
    }
}
