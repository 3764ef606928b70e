/** Token ids and the vocabulary of a model. Not part of the public API. */
package ai.djl.mamba.zoo.internal.tokens;
