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
package ai.djl.mamba;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.RecordJson;
import ai.djl.mamba.internal.UniqueKeys;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Norm;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The canonical JSON of a {@link MambaConfig}. */
final class ConfigJson {

    private static final String NAME = "MambaConfig";
    private static final String LAYERS = "layers";
    private static final String COUNT = "count";

    /** What has no default. */
    private static final List<String> SIZES = List.of("vocabSize", "modelSize", LAYERS);

    private ConfigJson() {}

    /** The components of a configuration other than its layers. */
    private record Frame(
            int vocabSize,
            int padVocabMultiple,
            int modelSize,
            Norm norm,
            boolean tiedHead,
            float dropout) {

        static final Frame DEFAULT = new Frame(0, 1, 0, Norm.DEFAULT, true, 0);
    }

    /** The number of consecutive layers with equal mixers. */
    private record Repetition(int count) {

        static final Repetition ONCE = new Repetition(1);
    }

    static String write(MambaConfig config) {
        Frame frame =
                new Frame(
                        config.vocabSize(),
                        config.padVocabMultiple(),
                        config.modelSize(),
                        config.norm(),
                        config.tiedHead(),
                        config.dropout());
        JsonObject json = RecordJson.write(frame, Frame.DEFAULT);
        json.add(LAYERS, layers(config.layers()));
        return json.toString();
    }

    /** Consecutive equal layers become one element with a count. */
    private static JsonArray layers(List<Mixer> mixers) {
        JsonArray array = new JsonArray();
        int start = 0;
        for (int i = 1; i <= mixers.size(); i++) {
            if (i == mixers.size() || !mixers.get(i).equals(mixers.get(start))) {
                JsonObject element = mixers.get(start).toJson();
                element.addProperty(COUNT, i - start);
                array.add(element);
                start = i;
            }
        }
        return array;
    }

    static MambaConfig read(String text) {
        try {
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            UniqueKeys.findRepeated(text).ifPresent(ConfigJson::refuseRepeated);
            Frame frame = RecordJson.read(NAME, json, Frame.DEFAULT, LAYERS);
            for (String size : SIZES) {
                requireKey(json, size);
            }
            return new MambaConfig(
                    frame.vocabSize(),
                    frame.padVocabMultiple(),
                    frame.modelSize(),
                    layers(json.get(LAYERS)),
                    frame.norm(),
                    frame.tiedHead(),
                    frame.dropout());
        } catch (JsonParseException | IllegalStateException | ClassCastException e) {
            throw new IllegalArgumentException("not the JSON of a MambaConfig: " + text, e);
        }
    }

    private static void refuseRepeated(String key) {
        throw new IllegalArgumentException(NAME + ": the key \"" + key + "\" occurs twice");
    }

    private static void requireKey(JsonObject json, String key) {
        Checks.require(json.has(key), NAME, "the key \"%s\" is missing in %s", key, json);
    }

    private static List<Mixer> layers(JsonElement value) {
        Checks.require(value.isJsonArray(), NAME + '.' + LAYERS, "expected a list, got %s", value);
        List<Mixer> mixers = new ArrayList<>();
        for (JsonElement element : value.getAsJsonArray()) {
            Checks.require(
                    element.isJsonObject(),
                    NAME + '.' + LAYERS,
                    "expected an object for each layer, got %s",
                    element);
            JsonObject json = element.getAsJsonObject();
            int count = count(json);
            Checks.require(
                    count > 0 && count <= MambaConfig.MAX_LAYERS - mixers.size(),
                    NAME,
                    "expected between 1 and %d layers, got %s",
                    MambaConfig.MAX_LAYERS,
                    json);
            mixers.addAll(Collections.nCopies(count, Mixer.fromJson(json, COUNT)));
        }
        return mixers;
    }

    private static int count(JsonObject layer) {
        if (!layer.has(COUNT)) {
            return 1;
        }
        JsonObject json = new JsonObject();
        json.add(COUNT, layer.get(COUNT));
        return RecordJson.read(NAME + '.' + LAYERS, json, Repetition.ONCE).count();
    }
}
