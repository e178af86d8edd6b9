/**
 * Connections to Ollama and vLLM in containers of Testcontainers and Docker Compose.
 */
@NullMarked
package io.github.deepseekboot.autoconfigure.container;

import org.jspecify.annotations.NullMarked;
