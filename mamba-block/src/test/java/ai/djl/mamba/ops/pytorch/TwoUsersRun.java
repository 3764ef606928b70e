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
package ai.djl.mamba.ops.pytorch;

import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What {@link TwoUsersTest} runs as one of its users: extracts the library as for loading it from
 * DJL's cache, and prints which file would have been loaded.
 */
final class TwoUsersRun {

    private TwoUsersRun() {}

    public static void main(String[] args) throws IOException {
        ExtractedFile library = new ExtractedFile(args[0], args[1]);
        Path folder = Utils.getEngineCacheDir("mamba").resolve("1.2.3");
        NativeLibrary.load(library, folder, path -> System.out.println("load: " + path));
    }
}
