/**
 * What an application may implement as a bean: customizers, interceptors, decorators,
 * resolvers, quotas, listeners and their events, stores.
 */
@NullMarked
package io.github.deepseekboot.hook;

import org.jspecify.annotations.NullMarked;
