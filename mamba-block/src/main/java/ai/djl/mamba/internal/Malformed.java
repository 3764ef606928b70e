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
package ai.djl.mamba.internal;

import ai.djl.MalformedModelException;

/** Complaints about files: they quote names from them, which may have control characters. */
public final class Malformed {

    private Malformed() {}

    /**
     * Makes a complaint.
     *
     * @param message the message, whose control characters are escaped
     * @return the exception
     */
    public static MalformedModelException of(String message) {
        return new MalformedModelException(Printable.lines(message));
    }

    /**
     * Makes a complaint with a cause.
     *
     * @param message the message, whose control characters are escaped
     * @param cause the cause
     * @return the exception
     */
    public static MalformedModelException of(String message, Throwable cause) {
        return new MalformedModelException(Printable.lines(message), cause);
    }
}
