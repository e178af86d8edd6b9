package io.github.deepseekboot.guide;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

import io.github.deepseekboot.hook.ConversationEncryption;

/**
 * Encrypts the turns of conversations at rest.
 */
// tag::encryption[]
@Component
class EncryptedTurns implements ConversationEncryption {

	private final SecureRandom random = new SecureRandom();

	private final SecretKeySpec key;

	EncryptedTurns(@Value("${app.conversation-key}") String key) {
		this.key = new SecretKeySpec(Base64.getDecoder().decode(key), "AES");
	}

	@Override
	public String encrypt(String conversationId, String text) {
		byte[] nonce = new byte[12];
		this.random.nextBytes(nonce);
		byte[] encrypted = crypt(Cipher.ENCRYPT_MODE, conversationId, nonce, text.getBytes(StandardCharsets.UTF_8));
		return Base64.getEncoder()
			.encodeToString(ByteBuffer.allocate(nonce.length + encrypted.length).put(nonce).put(encrypted).array());
	}

	@Override
	public String decrypt(String conversationId, String stored) {
		ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(stored));
		byte[] nonce = new byte[12];
		bytes.get(nonce);
		byte[] encrypted = new byte[bytes.remaining()];
		bytes.get(encrypted);
		return new String(crypt(Cipher.DECRYPT_MODE, conversationId, nonce, encrypted), StandardCharsets.UTF_8);
	}

	private byte[] crypt(int mode, String conversationId, byte[] nonce, byte[] text) {
		try {
			Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
			cipher.init(mode, this.key, new GCMParameterSpec(128, nonce));
			// a turn of one conversation is no turn of another
			cipher.updateAAD(conversationId.getBytes(StandardCharsets.UTF_8));
			return cipher.doFinal(text);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("a stored turn could not be encrypted or decrypted", ex);
		}
	}

}
// end::encryption[]
