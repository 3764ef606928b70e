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

import ai.djl.mamba.internal.Printable;
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
import java.util.regex.Pattern;

/**
 * Downloads models from a hub into a cache that all threads and processes share.
 *
 * <p>A folder of the cache is complete when it has a manifest, which is written after all files
 * have been checked against the sizes and hashes that the server reports. A complete folder is used
 * without network access: a branch stays at the commit that was fetched first until the folder is
 * deleted, or the endpoint is another one: then the files are compared with those that it has, and
 * fetched unless their hashes are the same. An interrupted download, even by the end of the
 * process, is resumed where it stopped.
 *
 * <p>Instances are thread-safe.
 */
public final class Hub {

    private final URI endpoint;
    private final String offlineSwitch; // null if online
    private final Path cacheFolder;
    private final RetryPolicy policy;
    private final HubApi api;

    private Hub(Builder builder) {
        endpoint = builder.endpoint;
        offlineSwitch = builder.offlineSwitch;
        cacheFolder = builder.cacheFolder;
        policy = builder.policy;
        HubHttp http =
                new HubHttp(
                        endpoint, builder.token, builder.isTokenSentUnencrypted, policy.timeout());
        api = new HubApi(endpoint, http, policy);
    }

    /**
     * Creates a hub with the settings of the environment; see {@link #builder}.
     *
     * @return the hub
     * @throws IllegalArgumentException if a setting is invalid; the message names it
     */
    public static Hub fromEnvironment() {
        return builder().build();
    }

    /**
     * Creates a builder with the settings of the environment variables, otherwise system
     * properties, {@code HF_ENDPOINT} (an address, by default {@code https://huggingface.co}),
     * {@code HF_TOKEN} (by default none), {@code MAMBA_HF_TOKEN_OVER_HTTP} (see {@link
     * Builder#optTokenOverHttp}) and {@code HF_HUB_OFFLINE} (1, true, yes or on), DJL's own offline
     * switch ({@link Utils#isOfflineMode}) and DJL's cache folder ({@link Utils#getCacheDir}).
     *
     * @return the builder
     * @throws IllegalArgumentException if a setting is invalid; the message names it
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the folder of a model in the cache.
     *
     * @param id the model
     * @return the folder, which need not exist
     */
    public Path folder(HubId id) {
        return folder(id, WantedFiles.MODEL);
    }

    /**
     * Returns the folder of a cached model, without network access.
     *
     * @param id the model
     * @return the folder, or empty if it is not complete
     * @throws IOException if the folder cannot be read
     */
    public Optional<Path> cached(HubId id) throws IOException {
        return cached(id, WantedFiles.MODEL);
    }

    /**
     * Returns the folder of a cached tokenizer, without network access.
     *
     * @param id the repository of the tokenizer
     * @return the folder of {@link #downloadTokenizer}, or empty if it is not complete
     * @throws IOException if the folder cannot be read
     */
    public Optional<Path> cachedTokenizer(HubId id) throws IOException {
        return cached(id, WantedFiles.TOKENIZER);
    }

    /**
     * Downloads a model unless it is cached: its configuration, weights (safetensors rather than
     * pickle, a single file rather than shards) and the files of its tokenizer, if it has any.
     *
     * @param id the model
     * @param progressOrNull reports the bytes of all files; may be null
     * @return the folder with the complete model
     * @throws IOException if the model does not exist; if the network, the server or the disk
     *     fails; if a file differs from what the server reports; or if the model is not complete in
     *     offline mode. A {@link java.io.InterruptedIOException} if the thread is interrupted.
     *     Wrong files are deleted; incomplete files are kept under hidden names for the next
     *     attempt
     */
    public Path download(HubId id, Progress progressOrNull) throws IOException {
        return download(id, WantedFiles.MODEL, progressOrNull);
    }

    /**
     * Downloads a tokenizer alone unless it is cached, into a folder of its own: {@code
     * tokenizer.json}, and {@code tokenizer_config.json} and {@code special_tokens_map.json} if the
     * repository has them.
     *
     * @param id the repository, which may have a model of any kind
     * @param progressOrNull reports the bytes of all files; may be null
     * @return the folder with the tokenizer
     * @throws IOException as for {@link #download}
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
        boolean complete = new HubFolder(path, id, wanted, endpoint.toString()).missing().isEmpty();
        return complete ? Optional.of(path) : Optional.empty();
    }

    private Path download(HubId id, WantedFiles wanted, Progress progress) throws IOException {
        Path path = folder(id, wanted);
        HubFolder folder = new HubFolder(path, id, wanted, endpoint.toString());
        List<String> missing = folder.missing();
        if (missing.isEmpty()) {
            return path;
        }
        if (offlineSwitch != null) {
            throw new IOException(
                    String.format(
                            "%s is not complete in %s (missing: %s), and %s forbids network access",
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
            if (!folder.missing().isEmpty()) { // otherwise completed by someone else meanwhile
                folder.complete(api, policy, progress);
            }
        } finally {
            lock.close();
        }
    }

    /** The builder of a {@link Hub}; see {@link Hub#builder} for the defaults. */
    public static final class Builder {

        private static final Set<String> TRUE = Set.of("1", "true", "yes", "on");

        private static final Pattern USER = Pattern.compile("(?s)^(\\w+://)?.*@");
        private static final Pattern QUERY = Pattern.compile("(?s)[?#].*");

        private URI endpoint;
        private String token;
        private boolean isTokenSentUnencrypted;
        private String offlineSwitch;
        private Path cacheFolder = Utils.getCacheDir().resolve("cache").resolve("repo");
        private RetryPolicy policy = RetryPolicy.DEFAULT;

        Builder() {
            String address = Utils.getEnvOrSystemProperty("HF_ENDPOINT", "");
            optEndpoint(address.isBlank() ? "https://huggingface.co" : address);
            optToken(Utils.getEnvOrSystemProperty("HF_TOKEN"));
            optTokenOverHttp(isOn(HubHttp.OVER_HTTP));
            if (isOn("HF_HUB_OFFLINE")) {
                offlineSwitch = "HF_HUB_OFFLINE";
            } else if (Utils.isOfflineMode()) {
                offlineSwitch = "DJL's offline mode (ai.djl.offline or DJL_OFFLINE)";
            }
        }

        private static boolean isOn(String setting) {
            String value = Utils.getEnvOrSystemProperty(setting, "");
            return TRUE.contains(value.strip().toLowerCase(Locale.ROOT));
        }

        /**
         * Sets the address of the hub.
         *
         * @param address an http or https address, which may have a path
         * @return this builder
         * @throws IllegalArgumentException if it is not such an address
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
            } catch (URISyntaxException e) { // its message has the user and the password
                throw new IllegalArgumentException(
                        "the endpoint (HF_ENDPOINT) is not an address: "
                                + e.getReason()
                                + ", got "
                                + shown(address));
            }
            throw new IllegalArgumentException(
                    "the endpoint (HF_ENDPOINT) must be an http or https address without user,"
                            + " query and fragment, got "
                            + shown(address));
        }

        /** An address as messages show it: without user, password and query, which are secrets. */
        private static String shown(String address) {
            String withoutUser = USER.matcher(address).replaceFirst("$1…@");
            return Printable.of(QUERY.matcher(withoutUser).replaceFirst("?…"));
        }

        /**
         * Sets whether the token is also sent to an address without encryption (default: only to
         * one of this machine).
         *
         * @param isSent whether it is sent where others can read it on the way
         * @return this builder
         */
        public Builder optTokenOverHttp(boolean isSent) {
            isTokenSentUnencrypted = isSent;
            return this;
        }

        /**
         * Sets the access token, which is sent to the host of the endpoint only, and over plain
         * http only if {@link #optTokenOverHttp} or the host allows it.
         *
         * @param tokenOrNull the token; null or blank for none
         * @return this builder
         * @throws IllegalArgumentException if it has invalid characters
         */
        public Builder optToken(String tokenOrNull) {
            String stripped = tokenOrNull == null ? "" : tokenOrNull.strip();
            if (!stripped.matches("[!-~]*")) {
                throw new IllegalArgumentException("the token (HF_TOKEN) has invalid characters");
            }
            token = stripped.isEmpty() ? null : stripped;
            return this;
        }

        /**
         * Forbids or allows network access, overriding the environment.
         *
         * @param offline whether network access is forbidden
         * @return this builder
         */
        public Builder optOffline(boolean offline) {
            offlineSwitch = offline ? "optOffline(true)" : null;
            return this;
        }

        /**
         * Sets the folder of the cache (default: {@code cache/repo} in DJL's cache folder).
         *
         * @param folder the folder
         * @return this builder
         */
        public Builder optCacheFolder(Path folder) {
            cacheFolder = folder;
            return this;
        }

        /**
         * Sets how network failures are retried.
         *
         * @param maxAttempts the maximum number of attempts in a row without progress (default: 5)
         * @param pause the pause after the first attempt, doubled after each further one (default:
         *     half a second)
         * @param maxPause the maximum pause, even if a server asks for more (default: 60 s)
         * @return this builder
         * @throws IllegalArgumentException if the number is not positive or a pause is negative
         */
        public Builder optRetry(int maxAttempts, Duration pause, Duration maxPause) {
            if (maxAttempts < 1 || pause.isNegative() || maxPause.isNegative()) {
                throw new IllegalArgumentException(
                        "expected at least one attempt and no negative pause");
            }
            policy = new RetryPolicy(maxAttempts, pause, maxPause, policy.timeout());
            return this;
        }

        /**
         * Sets the timeout of connections and reads (default: 30 s).
         *
         * @param timeout the timeout, from 1 ms to 24 days
         * @return this builder
         * @throws IllegalArgumentException if it is out of this range
         */
        public Builder optTimeout(Duration timeout) {
            if (timeout.toMillis() < 1 || timeout.toDays() > 24) {
                throw new IllegalArgumentException(
                        "expected a timeout of 1 ms to 24 days, got " + timeout);
            }
            policy =
                    new RetryPolicy(
                            policy.maxAttempts(), policy.pause(), policy.maxPause(), timeout);
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
