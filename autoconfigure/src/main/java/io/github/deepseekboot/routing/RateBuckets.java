package io.github.deepseekboot.routing;

import java.util.concurrent.CompletionStage;

/**
 * Counts requests and tokens by the minute, for {@link RoutingClient.Builder#rates}.
 */
public interface RateBuckets {

	/**
	 * Take from a bucket, whether there is enough in it or not: who takes too much waits
	 * until it is filled again. Must not block.
	 * @param bucket the bucket's name
	 * @param perMinute how much flows into it in a minute; a quarter of that fits in
	 * @param amount how much is taken
	 * @return how many nanoseconds to wait before what was taken may be used; 0 for no
	 * wait
	 */
	CompletionStage<Long> take(String bucket, long perMinute, long amount);

	/**
	 * Put back what was taken and must not be used, so that no call waits for it. Must
	 * not block; what fails is passed over.
	 * @param bucket the bucket's name
	 * @param perMinute how much flows into it in a minute
	 * @param amount how much is put back
	 */
	void giveBack(String bucket, long perMinute, long amount);

	/**
	 * How much fits into a bucket: what may be used at once, after a rest.
	 * @param perMinute how much flows in in a minute
	 * @return the amount, at least 1
	 */
	static long capacity(long perMinute) {
		return Math.max(1, perMinute / 4);
	}

}
