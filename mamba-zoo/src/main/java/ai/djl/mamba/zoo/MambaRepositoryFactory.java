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
package ai.djl.mamba.zoo;

import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.internal.hub.HubId;
import ai.djl.repository.LocalRepository;
import ai.djl.repository.Metadata;
import ai.djl.repository.Repository;
import ai.djl.repository.RepositoryFactory;
import ai.djl.repository.SimpleRepository;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Lets {@code Criteria.optModelPath} and {@code optModelUrls} understand folders with a Mamba
 * checkpoint and models of the hub, {@code owner/name} or {@code hf://owner/name}.
 *
 * <p>Relatives that cannot be loaded, such as hybrids, are accepted as well, to be refused by name.
 *
 * <p>DJL finds this class by its service loader. There is no other way for a folder without any of
 * DJL's files to name its translators, so this factory also takes over the scheme {@code file}; a
 * folder that is not a Mamba checkpoint gets the repository that DJL itself would give it.
 */
public final class MambaRepositoryFactory implements RepositoryFactory {

    private static final String FILE = "file";

    /** Creates the factory, as DJL's service loader does. */
    public MambaRepositoryFactory() {}

    /** {@inheritDoc} */
    @Override
    public Set<String> getSupportedScheme() {
        return Set.of(FILE, HubRepository.SCHEME);
    }

    /** {@inheritDoc} */
    @Override
    public Repository newInstance(String name, URI uri) {
        if (HubRepository.SCHEME.equals(uri.getScheme())) {
            String id = uri.getRawSchemeSpecificPart().replaceFirst("^/+", "");
            return HubRepository.of(name, HubId.parse(id));
        }
        Path path = path(uri);
        if (uri.getScheme() == null && Files.notExists(path) && HubId.isHubId(uri.toString())) {
            return HubRepository.of(name, HubId.parse(uri.toString()));
        }
        if (MambaCheckpoint.isCheckpoint(path) || MambaCheckpoint.isRelated(path)) {
            return new FolderRepository(name, uri, path);
        }
        return foreign(name, uri, path);
    }

    private static Path path(URI uri) {
        String path = uri.getPath() == null ? uri.getSchemeSpecificPart() : uri.getPath();
        if (!path.startsWith("/")) {
            return Path.of(path);
        }
        try { // through a URI, which handles /C:/folder on Windows
            return Path.of(new URI(FILE, null, path, null));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("Not the path of a file or folder: " + uri, e);
        }
    }

    /** The repository that DJL itself gives to other paths. */
    private static Repository foreign(String name, URI uri, Path path) {
        if (Files.isDirectory(path) && holdsDjlRepository(path)) {
            return new LocalRepository(name, path.toUri(), path) {};
        }
        return new SimpleRepository(name, uri, path) {};
    }

    private static boolean holdsDjlRepository(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.anyMatch(file -> !root.equals(file.getParent()) && isMetadata(file));
        } catch (IOException | UncheckedIOException e) {
            return false; // as DJL does
        }
    }

    private static boolean isMetadata(Path file) {
        if (!file.endsWith("metadata.json") || !Files.isRegularFile(file)) {
            return false;
        }
        try (Reader reader = Files.newBufferedReader(file)) {
            Metadata metadata = JsonUtils.GSON.fromJson(reader, Metadata.class);
            return metadata != null
                    && metadata.getMetadataVersion() != null
                    && metadata.getArtifacts() != null;
        } catch (IOException | JsonParseException e) {
            return false;
        }
    }
}
