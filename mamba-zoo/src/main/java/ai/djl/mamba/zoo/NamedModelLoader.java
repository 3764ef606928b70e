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

import ai.djl.MalformedModelException;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.BaseModelLoader;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.Progress;
import java.io.IOException;
import java.util.Map;

/** Loads a model of the zoo, but only if it is named: many are large downloads. */
final class NamedModelLoader extends BaseModelLoader {

    private final Completeness completeness;

    NamedModelLoader(MRL mrl, Completeness completeness) {
        super(mrl);
        this.completeness = completeness;
    }

    @Override
    public <I, O> ZooModel<I, O> loadModel(Criteria<I, O> criteria)
            throws IOException, ModelNotFoundException, MalformedModelException {
        if (!isMeant(criteria)) {
            throw new ModelNotFoundException(
                    getArtifactId() + " is loaded only by its artifact id, its name or its size");
        }
        try {
            return super.loadModel(criteria);
        } catch (IOException e) { // which the block factory has to wrap
            if (e.getCause() instanceof MalformedModelException malformed) {
                throw malformed;
            }
            throw e;
        }
    }

    @Override
    public <I, O> boolean isDownloaded(Criteria<I, O> criteria)
            throws IOException, ModelNotFoundException {
        if (!isMeant(criteria)) {
            return true; // DJL asks every loader whether its download is complete
        }
        Artifact artifact = mrl.match(criteria.getFilters());
        if (artifact == null) {
            throw new ModelNotFoundException("No form of " + mrl + " passes the filters");
        }
        return completeness.isComplete(artifact);
    }

    @Override
    public <I, O> void downloadModel(Criteria<I, O> criteria, Progress progress)
            throws IOException, ModelNotFoundException {
        if (isMeant(criteria)) {
            super.downloadModel(criteria, progress);
        }
    }

    private boolean isHubName(String modelName) {
        return PretrainedModel.find(getArtifactId())
                .filter(model -> model.id().toString().equals(modelName))
                .isPresent();
    }

    private boolean isMeant(Criteria<?, ?> criteria) {
        String modelName = criteria.getModelName();
        Map<String, String> filters = criteria.getFilters();
        return criteria.getArtifactId() != null
                || getArtifactId().equals(modelName)
                || isHubName(modelName)
                || (filters != null && filters.containsKey("size"));
    }

    /** Tells whether nothing is left to download. */
    @FunctionalInterface
    interface Completeness {
        boolean isComplete(Artifact artifact) throws IOException;
    }
}
