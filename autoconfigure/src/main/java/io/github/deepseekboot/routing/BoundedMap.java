package io.github.deepseekboot.routing;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * A map that makes its values on request and forgets old ones, so that keys that others
 * choose do not fill the memory. Values that are in use are never forgotten: only as many
 * of them as there are calls may go beyond the bound. Reading takes no lock; a new key
 * looks at a few of the oldest values, whatever the size. Thread-safe.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class BoundedMap<K, V> {

	private static final int LOOKED_AT = 32;

	private final int max;

	private final Predicate<? super V> idle;

	private final Predicate<? super V> unused;

	private final Map<K, V> values = new ConcurrentHashMap<>();

	// guarded by itself; the next to be looked at first
	private final Deque<K> order = new ArrayDeque<>();

	/**
	 * Create a map.
	 * @param max how many values are kept, from 1
	 * @param idle whether a value is as good as a new one; called before it is forgotten,
	 * and never again if it returns {@code true}
	 * @param unused whether a value may be forgotten if none of those that were looked at
	 * is idle
	 */
	public BoundedMap(int max, Predicate<? super V> idle, Predicate<? super V> unused) {
		this.max = max;
		this.idle = idle;
		this.unused = unused;
	}

	/**
	 * Return the value of a key.
	 * @param key the key
	 * @param create makes a value if there is none; called at most once
	 * @return the value
	 */
	public V get(K key, Function<? super K, ? extends V> create) {
		V known = this.values.get(key);
		if (known != null) {
			return known;
		}
		synchronized (this.order) {
			known = this.values.get(key);
			if (known != null) {
				return known;
			}
			V created = create.apply(key);
			makeRoom();
			this.values.put(key, created);
			this.order.add(key);
			return created;
		}
	}

	private void makeRoom() {
		K spare = null;
		for (int i = 0; i < LOOKED_AT && size(spare) >= this.max; i++) {
			K key = this.order.remove();
			V value = this.values.get(key);
			if (value == null || this.idle.test(value)) {
				this.values.remove(key);
			}
			else if (spare == null && this.unused.test(value)) {
				spare = key;
			}
			else {
				this.order.add(key);
			}
		}
		if (spare == null) {
			return;
		}
		if (size(spare) < this.max) {
			this.order.addFirst(spare);
		}
		else {
			this.values.remove(spare);
		}
	}

	private int size(@Nullable K spare) {
		return this.order.size() + ((spare != null) ? 1 : 0);
	}

	/**
	 * Return the value of a key, if there is one.
	 * @param key the key
	 * @return the value, or {@code null}
	 */
	public @Nullable V peek(K key) {
		return this.values.get(key);
	}

	/**
	 * Return all values, as they are kept at the moment.
	 * @return the values, which cannot be changed
	 */
	public Collection<V> values() {
		return Collections.unmodifiableCollection(this.values.values());
	}

	/**
	 * Return how many values are kept.
	 * @return the number
	 */
	public int size() {
		return this.values.size();
	}

	/**
	 * Forget all values.
	 */
	public void clear() {
		synchronized (this.order) {
			this.order.clear();
			this.values.clear();
		}
	}

}
