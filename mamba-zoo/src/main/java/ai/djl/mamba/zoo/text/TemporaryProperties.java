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
package ai.djl.mamba.zoo.text;

import ai.djl.util.Utils;
import java.util.ArrayList;
import java.util.List;

/** System properties for a while: closing removes them. */
final class TemporaryProperties implements AutoCloseable {

    private final List<String> names = new ArrayList<>();

    /** Sets a property, unless it or the environment variable of that name is set. */
    void set(String name, String value) {
        if (Utils.getEnvOrSystemProperty(name) == null) {
            System.setProperty(name, value);
            names.add(name);
        }
    }

    /** Removes what was set. */
    @Override
    public void close() {
        names.forEach(System::clearProperty);
    }
}
