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
import ai.djl.util.Utils;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Downloads models of a hub into the cache, once for all threads and processes.
 *
 * <p>A folder of the cache is complete when its manifest says so; that is written after all files
 * have been checked against the sizes and hashes that the server states. A complete folder is taken
 * as it is, without asking the network: a branch stays at the commit that was fetched first until
 * the folder is deleted. A download that was cut off, also by the end of the process, goes on where
 * it stopped.
 *
 * <p>Objects of this class can be used by several threads.
 */
public final class Hub {

    private final URI endpoint;
    private final String offlineSwitch; // null when online
    private final Path cacheFolder;
    private final RetryPolicy policy;
    private final HubApi api;

    private Hub(Builder builder) {
        endpoint = builder.endpoint;
        offlineSwitch = builder.offlineSwitch;
        cacheFolder = builder.cacheFolder;
        policy = builder.policy;
        api = new HubApi(endpoint, new HubHttp(endpoint, builder.token, policy.timeout()), policy);
    }

    /**
     * Takes all settings from the environment, see {@link #builder}.
     *
     * @return the hub
     * @throws IllegalArgumentException if a setting cannot be what it is; the message names it
     */
    public static Hub fromEnvironment() {
        return builder().build();
    }

    /**
     * Begins with the settings of the environment variables, or else system properties, {@code
     * HF_ENDPOINT} (an address, {@code https://huggingface.co} by default), {@code HF_TOKEN} (none
     * by default) and {@code HF_HUB_OFFLINE} (1, true, yes or on), DJL's own offline switch ({@link
     * Utils#isOfflineMode}) and DJL's cache folder ({@link Utils#getCacheDir}).
     *
     * @return the builder
     * @throws IllegalArgumentException if a setting cannot be what it is; the message names it
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns where a model is or would be.
     *
     * @param id the model
     * @return a folder of the cache, which need not exist
     */
    public Path folder(HubId id) {
        return folder(id, WantedFiles.MODEL);
    }

    /**
     * Looks for a model in the cache, without the network.
     *
     * @param id the model
     * @return its folder if that is complete
     * @throws IOException if the folder cannot be read
     */
    public Optional<Path> cached(HubId id) throws IOException {
        return cached(id, WantedFiles.MODEL);
    }

    /**
     * Looks for a tokenizer in the cache, without the network.
     *
     * @param id the repository of the tokenizer
     * @return the folder that {@link #downloadTokenizer} made, if that is complete
     * @throws IOException if the folder cannot be read
     */
    public Optional<Path> cachedTokenizer(HubId id) throws IOException {
        return cached(id, WantedFiles.TOKENIZER);
    }

    /**
     * Brings a model into the cache unless it is there: its configuration, weights (safetensors
     * before pickle, whole before shards) and the files of its tokenizer, as far as it has them.
     *
     * @param id the model
     * @param progressOrNull is told the bytes of all files; may be null
     * @return the folder with the complete model
     * @throws IOException if there is no such model, if network, server or disk fail, if a file is
     *     not what the server states, if the network is forbidden and the model is not complete; as
     *     {@link java.io.InterruptedIOException} if the thread is interrupted. What was wrong is
     *     deleted; what was cut off is kept hidden for the next try
     */
    public Path download(HubId id, Progress progressOrNull) throws IOException {
        return download(id, WantedFiles.MODEL, progressOrNull);
    }

    /**
     * Brings a tokenizer alone into the cache unless it is there: {@code tokenizer.json}, and
     * {@code tokenizer_config.json} and {@code special_tokens_map.json} if the repository has them.
     * It gets a folder of its own.
     *
     * @param id the repository, which may hold a model of any kind
     * @param progressOrNull is told the bytes of all files; may be null
     * @return the folder with the tokenizer
     * @throws IOException as {@link #download} does
     */
    public Path downloadTokenizer(HubId id, Progress progressOrNull) throws IOException {
        return download(id, WantedFiles.TOKENIZER, progressOrNull);
    }

    private Path folder(HubId id, WantedFiles wanted) {
        return cacheFolder
                .resolve(wanted.place())
                .resolve(id.owner())
                .resolve(id.name())
                .resolve(id.revision());
    }

    private Optional<Path> cached(HubId id, WantedFiles wanted) throws IOException {
        Path path = folder(id, wanted);
        boolean complete = new HubFolder(path, id, wanted).missing().isEmpty();
        return complete ? Optional.of(path) : Optional.empty();
    }

    private Path download(HubId id, WantedFiles wanted, Progress progress) throws IOException {
        Path path = folder(id, wanted);
        HubFolder folder = new HubFolder(path, id, wanted);
        List<String> missing = folder.missing();
        if (missing.isEmpty()) {
            return path;
        }
        if (offlineSwitch != null) {
            throw new IOException(
                    String.format(
                            "%s is not complete in %s (missing: %s), and %s forbids the network",
                            id, path, String.join(", ", missing), offlineSwitch));
        }
        try {
            completeOnce(folder, path, progress);
        } catch (ClosedByInterruptException | FileLockInterruptionException e) {
            IOException interrupted = Attempts.interrupted(id + ": interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
        return path;
    }

    private void completeOnce(HubFolder folder, Path path, Progress progress) throws IOException {
        FolderLock lock = FolderLock.of(path);
        try {
            if (!folder.missing().isEmpty()) { // nobody else completed it meanwhile
                folder.complete(api, policy, endpoint.toString(), progress);
            }
        } finally {
            lock.close();
        }
    }

    /** The builder of {@link Hub}; see {@link Hub#builder} for what it begins with. */
    public static final class Builder {

        private static final Set<String> TRUE = Set.of("1", "true", "yes", "on");

        private URI endpoint;
        private String token;
        private String offlineSwitch;
        private Path cacheFolder = Utils.getCacheDir().resolve("cache").resolve("repo");
        private RetryPolicy policy = RetryPolicy.DEFAULT;

        Builder() {
            String address = Utils.getEnvOrSystemProperty("HF_ENDPOINT", "");
            optEndpoint(address.isBlank() ? "https://huggingface.co" : address);
            optToken(Utils.getEnvOrSystemProperty("HF_TOKEN"));
            String offline = Utils.getEnvOrSystemProperty("HF_HUB_OFFLINE", "");
            if (TRUE.contains(offline.strip().toLowerCase(Locale.ROOT))) {
                offlineSwitch = "HF_HUB_OFFLINE";
            } else if (Utils.isOfflineMode()) {
                offlineSwitch = "DJL's offline mode (ai.djl.offline or DJL_OFFLINE)";
            }
        }

        /**
         * Sets the address of the hub.
         *
         * @param address an http or https address, which can have a path
         * @return this builder
         * @throws IllegalArgumentException if it is none
         */
        public Builder optEndpoint(String address) {
            try {
                URI uri = new URI(address.strip().replaceAll("/+$", ""));
                if (HubHttp.isHttp(uri)
                        && uri.getHost() != null
                        && uri.getRawUserInfo() == null
                        && uri.getRawQuery() == null
                        && uri.getRawFragment() == null) {
                    endpoint = uri;
                    return this;
                }
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException(
                        "the endpoint (HF_ENDPOINT) is not an address", e);
            }
            throw new IllegalArgumentException(
                    "the endpoint (HF_ENDPOINT) should be an http or https address without user and"
                            + " query");
        }

        /**
         * Sets the token, which is sent to the endpoint's own host only.
         *
         * @param tokenOrNull the token; null or blank for none
         * @return this builder
         * @throws IllegalArgumentException if it has characters that no token has
         */
        public Builder optToken(String tokenOrNull) {
            String stripped = tokenOrNull == null ? "" : tokenOrNull.strip();
            if (!stripped.matches("[!-~]*")) {
                throw new IllegalArgumentException(
                        "the token (HF_TOKEN) has characters that no token has");
            }
            token = stripped.isEmpty() ? null : stripped;
            return this;
        }

        /**
         * Forbids or allows the network, whatever the environment says.
         *
         * @param offline whether it is forbidden
         * @return this builder
         */
        public Builder optOffline(boolean offline) {
            offlineSwitch = offline ? "optOffline(true)" : null;
            return this;
        }

        /**
         * Sets the folder of the cache.
         *
         * @param folder the folder, in place of {@code cache/repo} in DJL's
         * @return this builder
         */
        public Builder optCacheFolder(Path folder) {
            cacheFolder = folder;
            return this;
        }

        /**
         * Sets how failures of the network are met.
         *
         * @param tries how many tries without progress may follow each other, 5 by default
         * @param pause the pause after the first, half a second by default; it doubles with each
         * @param longestPause the longest pause, 60 s by default, also where a server asks for more
         * @return this builder
         * @throws IllegalArgumentException if there is no try, or a pause is negative
         */
        public Builder optRetry(int tries, Duration pause, Duration longestPause) {
            if (tries < 1 || pause.isNegative() || longestPause.isNegative()) {
                throw new IllegalArgumentException("expected tries and pauses that are positive");
            }
            policy = new RetryPolicy(tries, pause, longestPause, policy.timeout());
            return this;
        }

        /**
         * Sets how long a server may be silent.
         *
         * @param timeout from 1 ms to 24 days, 30 s by default
         * @return this builder
         * @throws IllegalArgumentException if it is out of these bounds
         */
        public Builder optTimeout(Duration timeout) {
            if (timeout.toMillis() < 1 || timeout.toDays() > 24) {
                throw new IllegalArgumentException("expected 1 ms to 24 days, got " + timeout);
            }
            policy =
                    new RetryPolicy(policy.tries(), policy.pause(), policy.longestPause(), timeout);
            return this;
        }

        /**
         * Builds the hub.
         *
         * @return the hub
         */
        public Hub build() {
            return new Hub(this);
        }
    }
}
