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
package ai.djl.mamba.zoo.internal.hub;

import ai.djl.util.Progress;

/** Reports the bytes of all files to a {@link Progress}, if there is one. */
final class ByteProgress implements AutoCloseable {

    private final Progress progress;
    private long done;

    ByteProgress(Progress progressOrNull, String message, long total, long done) {
        this.progress = progressOrNull;
        this.done = done;
        if (progress != null) {
            progress.reset(message, total);
            progress.start(done);
        }
    }

    /** Adds bytes that were received, or subtracts bytes that must be received again. */
    void add(long bytes) {
        done += bytes;
        if (progress != null && bytes != 0) {
            progress.update(done);
        }
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.end();
        }
    }
}
