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

import java.io.IOException;
import java.time.Duration;

/** A failure of the network or an overloaded server: the same request may succeed later. */
final class TransientException extends IOException {

    private static final long serialVersionUID = 1L;

    private final Duration wait;

    /** Creates an exception for a network failure. */
    TransientException(String message, IOException cause) {
        super(message, cause);
        wait = Duration.ZERO;
    }

    /** Creates an exception for a failure after which the server asks to wait. */
    TransientException(String message, Duration wait) {
        super(message);
        this.wait = wait;
    }

    /** Returns how long the server asks to wait; zero if it does not ask. */
    Duration getWait() {
        return wait;
    }
}
