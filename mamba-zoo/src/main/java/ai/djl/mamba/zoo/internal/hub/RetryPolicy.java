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
 * How network failures are retried.
 *
 * @param maxAttempts the maximum number of attempts in a row without progress
 * @param pause the pause after the first attempt; doubled after each further one
 * @param maxPause the maximum pause, even if a server asks for a longer one
 * @param timeout the timeout for connecting and for reading
 */
record RetryPolicy(int maxAttempts, Duration pause, Duration maxPause, Duration timeout) {

    static final RetryPolicy DEFAULT =
            new RetryPolicy(
                    5, Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ofSeconds(30));
}
