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
import ai.djl.MalformedModelException;
import ai.djl.mamba.zoo.internal.hub.HubId;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.DefaultModelZoo;
import ai.djl.repository.zoo.ModelLoader;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.Progress;
import java.io.IOException;

/** Loads any model of the hub that {@code Criteria.optModelName} names as owner/name. */
final class HubModelLoader implements ModelLoader {

    private static final String ARTIFACT_ID = "any-model-of-the-hub";

    private final MRL mrl;

    HubModelLoader(HubRepository repository) {
        mrl = repository.model(getApplication(), getGroupId(), ARTIFACT_ID);
    }

    @Override
    public String getGroupId() {
        return MambaModelZoo.GROUP_ID;
    }

    @Override
    public String getArtifactId() {
        return ARTIFACT_ID;
    }

    @Override
    public Application getApplication() {
        return HubRepository.APPLICATION;
    }

    @Override
    public MRL getMrl() {
        return mrl;
    }

    @Override
    public <I, O> ZooModel<I, O> loadModel(Criteria<I, O> criteria)
            throws IOException, ModelNotFoundException, MalformedModelException {
        if (!isMeant(criteria)) {
            throw new ModelNotFoundException(
                    "Expected a model name of the form owner/name, got " + criteria.getModelName());
        }
        return byUrl(criteria).loadModel();
    }

    @Override
    public <I, O> boolean isDownloaded(Criteria<I, O> criteria)
            throws IOException, ModelNotFoundException {
        return !isMeant(criteria) || byUrl(criteria).isDownloaded();
    }

    @Override
    public <I, O> void downloadModel(Criteria<I, O> criteria, Progress progress)
            throws IOException, ModelNotFoundException {
        if (isMeant(criteria)) {
            byUrl(criteria).toBuilder().optProgress(progress).build().downloadModel();
        }
    }

    private static boolean isMeant(Criteria<?, ?> criteria) {
        return criteria.getModelName() != null && HubId.isHubId(criteria.getModelName());
    }

    private static <I, O> Criteria<I, O> byUrl(Criteria<I, O> criteria) {
        String id = criteria.getModelName();
        return criteria.toBuilder()
                .optGroupId(null)
                .optArtifactId(null)
                .optModelZoo(new DefaultModelZoo(HubRepository.SCHEME + "://" + id))
                .optModelName(HubId.parse(id).name())
                .build();
    }
}
