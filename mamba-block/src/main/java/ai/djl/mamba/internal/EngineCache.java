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

import ai.djl.util.Utils;
import java.nio.file.FileSystemException;

/** What is said if the folder to which engines extract their libraries cannot be used. */
public final class EngineCache {

    /** How the folder is changed. */
    public static final String SETTING =
            "the environment variable ENGINE_CACHE_DIR names another folder";

    private EngineCache() {}

    /**
     * Returns whether a library could not be loaded because its folder may not be executed from, as
     * where it is mounted with {@code noexec}.
     *
     * @param e the error
     * @return whether mapping the file was refused
     */
    public static boolean isNotExecutable(UnsatisfiedLinkError e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("failed to map segment")
                || message.contains("Operation not permitted")
                || message.contains("Permission denied");
    }

    /**
     * Explains why an engine does not start, if that is for the folder of its libraries.
     *
     * @param failure what starting the engine threw
     * @return the folder, what is wrong with it and how it is changed, or {@code null} if the
     *     reason is another
     */
    public static String problem(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FileSystemException e) {
                return "its libraries cannot be written to "
                        + folder()
                        + " ("
                        + e
                        + "): "
                        + SETTING;
            }
            if (cause instanceof UnsatisfiedLinkError e && isNotExecutable(e)) {
                return String.format(
                        "its libraries cannot be executed from %s (%s), as where a folder is"
                                + " mounted with noexec: %s",
                        folder(), e.getMessage(), SETTING);
            }
        }
        return null;
    }

    private static String folder() {
        return Utils.getEngineCacheDir().toString();
    }
}
