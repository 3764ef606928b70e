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
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A file on the server.
 *
 * @param name its name, without folders
 * @param address its address at one commit
 * @param size its size in bytes
 * @param hash its hash, see {@link ContentHash}; null if the server reports none
 * @param version identifies its content: the hash or, without one, the commit
 */
record RemoteFile(String name, URI address, long size, String hash, String version) {

    /** Returns what is wrong with a local copy; null if nothing is. */
    String mismatch(Path copy) throws IOException {
        long found = Files.size(copy);
        if (found != size) {
            return "expected " + size + " bytes, found " + found;
        }
        String computed = hash == null ? null : ContentHash.compute(copy, hash);
        return hash == null || hash.equals(computed)
                ? null
                : "expected the hash " + hash + ", found " + computed;
    }

    /** Returns whether a local file is known to be this one, which requires a hash. */
    boolean isSurely(Path copy) throws IOException {
        return hash != null
                && Files.isRegularFile(copy, LinkOption.NOFOLLOW_LINKS)
                && mismatch(copy) == null;
    }

    /** Returns the file for the bytes received so far; each version has its own. */
    Path part(Path folder) {
        return folder.resolve("." + name + "." + version + HubFolder.PART);
    }
}
