/**
 * Training data of any size, streamed from files, folders and archives to documents, tokens and
 * batches, with positions that can be saved.
 *
 * <pre>
 * TextData → RecordSource (a part of it) → RecordStream (one pass) → ShuffleBuffer
 *   → PackedBatches, ContinuedBatches, ClassificationBatches; RandomWindows if all fits in memory
 * </pre>
 */
package ai.djl.mamba.zoo.data;
