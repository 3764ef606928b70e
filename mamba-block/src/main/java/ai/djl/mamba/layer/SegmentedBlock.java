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
package ai.djl.mamba.layer;

import ai.djl.nn.Block;

/**
 * Marks a block that can be trained on packed documents: its second input may say which document
 * each token belongs to, as segments (B, L), 0 at padding. A change of the number from one token of
 * a row to the next starts a new document, which must not depend on anything before it.
 */
public interface SegmentedBlock extends Block {}
