/**
 * What the transport needs of Netty: connections, their pools, and what is seen of a
 * request below HTTP. Nothing here knows what is sent.
 * <p>
 * Internal: not for applications, and free to change with any release.
 */
@NullMarked
package io.github.deepseekboot.transport.netty;

import org.jspecify.annotations.NullMarked;
