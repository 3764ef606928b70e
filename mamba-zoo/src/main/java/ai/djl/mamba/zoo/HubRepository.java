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

import ai.djl.Application;
import ai.djl.mamba.internal.Nearest;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.internal.hub.Hub;
import ai.djl.mamba.zoo.internal.hub.HubId;
import ai.djl.mamba.zoo.internal.model.TextArguments;
import ai.djl.repository.AbstractRepository;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.util.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Models of the hub, downloaded into DJL's cache when they are first loaded. */
final class HubRepository extends AbstractRepository {

    static final String SCHEME = "hf";
    static final Application APPLICATION = Application.NLP.TEXT_GENERATION;

    private static final String VERSION = "1.0.0";
    private static final String HUB = "hub";

    private final HubId single; // null for all models that the zoo knows by name

    private HubRepository(String name, URI uri, HubId single) {
        super(name, uri);
        this.single = single;
    }

    /** The models that the zoo knows by name. */
    static HubRepository ofZoo() {
        String name = "Mamba";
        return new HubRepository(name, URI.create(SCHEME + "://state-spaces"), null);
    }

    /** Any one model. */
    static HubRepository of(String name, HubId id) {
        return new HubRepository(name, URI.create(SCHEME + "://" + id), id);
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public Metadata locate(MRL mrl) throws IOException {
        List<Artifact> artifacts = new ArrayList<>();
        if (single != null) {
            artifacts.add(artifact(single));
        } else {
            for (PretrainedModel model : PretrainedModel.list()) {
                if (model.isFormOf(mrl.getArtifactId())) {
                    artifacts.add(artifact(model.id()));
                }
            }
        }
        return LoadingDefaults.metadata(mrl, artifacts);
    }

    private static Artifact artifact(HubId id) throws IOException {
        Artifact artifact = new Artifact();
        artifact.setName(id.name());
        artifact.setVersion(VERSION);
        Map<String, String> properties = new HashMap<>(Map.of(HUB, id.toString()));
        Optional<PretrainedModel> known = PretrainedModel.find(id);
        known.ifPresent(model -> properties.putAll(model.properties()));
        artifact.setProperties(properties);
        artifact.setFiles(Map.of());
        if (known.filter(HubRepository::lacksTokenizer).isPresent()) {
            artifact.getArguments()
                    .put(TextArguments.TOKENIZER, PretrainedModel.TOKENIZER.toString());
        }
        LoadingDefaults.addTo(artifact, null);
        return artifact;
    }

    private static boolean lacksTokenizer(PretrainedModel model) {
        return model.dialect() == Dialect.ORIGINAL;
    }

    @Override
    public Artifact resolve(MRL mrl, Map<String, String> filter) throws IOException {
        return mrl.match(filter);
    }

    @Override
    public Path getResourceDirectory(Artifact artifact) {
        return Hub.fromEnvironment().folder(id(artifact));
    }

    @Override
    public void prepare(Artifact artifact, Progress progress) throws IOException {
        Hub hub = Hub.fromEnvironment();
        HubId id = id(artifact);
        download(hub, id, progress);
        if (PretrainedModel.find(id).filter(HubRepository::lacksTokenizer).isPresent()) {
            hub.downloadTokenizer(PretrainedModel.TOKENIZER, progress);
        }
    }

    /** A folder that is not there may have been meant, or a model of another name. */
    private static void download(Hub hub, HubId id, Progress progress) throws IOException {
        try {
            hub.download(id, progress);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            if (PretrainedModel.find(id).isPresent()) {
                throw e;
            }
            List<String> known =
                    PretrainedModel.list().stream().map(model -> model.id().toString()).toList();
            throw new IOException(
                    String.format(
                            "%s; and there is no folder %s%s",
                            e.getMessage(), id, Nearest.hint(id.toString(), known)),
                    e);
        }
    }

    /** Whether nothing is left to download. */
    boolean isComplete(Artifact artifact) throws IOException {
        return Hub.fromEnvironment().cached(id(artifact)).isPresent();
    }

    private static HubId id(Artifact artifact) {
        return HubId.parse(artifact.getProperties().get(HUB));
    }

    @Override
    public List<MRL> getResources() {
        if (single != null) {
            return List.of(model(APPLICATION, MambaModelZoo.GROUP_ID, single.name()));
        }
        return PretrainedModel.list().stream()
                .map(known -> model(APPLICATION, MambaModelZoo.GROUP_ID, known.name()))
                .toList();
    }
}
