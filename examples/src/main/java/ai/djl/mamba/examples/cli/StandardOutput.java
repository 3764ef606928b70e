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

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;

/**
 * The standard output of the process, which remembers why it failed: a writer around it does not.
 */
final class StandardOutput extends OutputStream {

    private final OutputStream stream = new FileOutputStream(FileDescriptor.out);
    private String failure;

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            stream.write(bytes, offset, length);
        } catch (IOException e) {
            failure = e.getMessage();
            throw e;
        }
    }

    /** Why not everything was written, unless the reader simply closed its pipe. */
    Optional<String> failure() {
        return Optional.ofNullable(failure)
                .filter(message -> !message.toLowerCase(Locale.ROOT).contains("pipe"));
    }
}
