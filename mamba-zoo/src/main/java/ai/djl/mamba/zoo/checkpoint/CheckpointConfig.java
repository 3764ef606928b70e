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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The configuration of a checkpoint.
 *
 * @param file what it was read from
 * @param dialect its dialect
 * @param codec the codec of its family
 * @param sizes the sizes and options
 */
record CheckpointConfig(
        ConfigFile file, Dialect dialect, CheckpointCodec codec, MambaConfig sizes) {

    /**
     * Reads the configuration in a folder.
     *
     * @throws IOException if it is not there or cannot be read
     * @throws MalformedModelException if a key is missing or makes no sense, or no codec knows the
     *     model; the message names the file and the key
     */
    static CheckpointConfig in(Path folder) throws IOException, MalformedModelException {
        ConfigFile file = ConfigFile.in(folder);
        Dialect dialect = Dialect.of(file);
        CheckpointCodec codec = Codecs.reading(file, dialect);
        try {
            return new CheckpointConfig(file, dialect, codec, codec.read(file, dialect));
        } catch (IllegalArgumentException e) {
            throw file.malformed(e.getMessage());
        }
    }

    /** Whether it is that of a model with a classification head. */
    boolean isClassifier() throws MalformedModelException {
        for (JsonElement name : file.list(OwnKeys.ARCHITECTURES)) {
            if (name instanceof JsonPrimitive text
                    && text.getAsString().endsWith(ClassifierHead.ARCHITECTURE)) {
                return true;
            }
        }
        return false;
    }

    /** Refuses the configuration of another model. */
    void requireClassifier() throws MalformedModelException {
        if (!isClassifier()) {
            throw file.malformed(
                    "\"architectures\" does not name a model for sequence classification");
        }
    }
}
