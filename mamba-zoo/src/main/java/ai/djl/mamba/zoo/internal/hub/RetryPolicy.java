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

import java.time.Duration;

/**
 * How failures of the network are met.
 *
 * @param tries how many tries without progress may follow each other
 * @param pause the pause after the first of them; it doubles with each
 * @param longestPause the longest pause, also where a server asks for a longer one
 * @param timeout how long a server may be silent, while connecting and while reading
 */
record RetryPolicy(int tries, Duration pause, Duration longestPause, Duration timeout) {

    static final RetryPolicy DEFAULT =
            new RetryPolicy(
                    5, Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ofSeconds(30));
}
