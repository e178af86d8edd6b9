/**
 * Conversations: histories of messages that are kept, trimmed and sent along.
 */
@NullMarked
package io.github.deepseekboot.conversation;

import org.jspecify.annotations.NullMarked;
