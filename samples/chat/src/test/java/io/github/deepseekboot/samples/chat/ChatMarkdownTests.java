package io.github.deepseekboot.samples.chat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the page's own Markdown renderer.
 */
@PageTest
class ChatMarkdownTests extends AbstractPageTests {

	private static final String RENDER = """
			const [texts, done] = arguments;
			import("/markdown.js").then(({ render }) => {
				const container = document.createElement("div");
				texts.forEach((text) => render(container, text));
				done(container.innerHTML.replace(/>\\s*\\n\\s*</g, "><").replaceAll(' rel="noopener noreferrer nofollow" target="_blank"', ""));
			}, done);
			""";

	// a pilcrow stands for the end of a line
	@ParameterizedTest
	@CsvSource(delimiterString = "=>", quoteCharacter = '$',
			textBlock = """
					plain                           => <p>plain</p>
					a¶b¶¶c                          => <p>a<br>b</p><p>c</p>
					# One                           => <h3>One</h3>
					###### Six ##                   => <h6>Six</h6>
					#nothing                        => <p>#nothing</p>
					**b** *i* ***bi*** ~~s~~        => <p><strong>b</strong> <em>i</em> <em><strong>bi</strong></em> <del>s</del></p>
					**a *b* c**                     => <p><strong>a <em>b</em> c</strong></p>
					*a **b** c*                     => <p><em>a <strong>b</strong> c</em></p>
					__b__ _i_ snake_case_name       => <p><strong>b</strong> <em>i</em> snake_case_name</p>
					2 * 3 * 4 **open                => <p>2 * 3 * 4 **open</p>
					**“引号”**后面                   => <p><strong>“引号”</strong>后面</p>
					\\*no\\* \\_x\\_                => <p>*no* _x_</p>
					`a*b*` ``x`y`` `open            => <p><code>a*b*</code> <code>x`y</code> `open</p>
					**a `**` b**                    => <p><strong>a <code>**</code> b</strong></p>
					a &lt;b&gt; &amp; c             => <p>a &lt;b&gt; &amp; c</p>
					<b>x</b>                        => <p>&lt;b&gt;x&lt;/b&gt;</p>
					[a **b**](https://x.test/(1)?q) => <p><a href="https://x.test/(1)?q">a <strong>b</strong></a></p>
					[a](javascript:x) [b](/c) [d]   => <p><span>a</span> <span>b</span> [d]</p>
					[a](JAVASCRIPT:x) [b](vbscript:x) => <p><span>a</span> <span>b</span></p>
					see https://x.test/a_b_c.       => <p>see <a href="https://x.test/a_b_c">https://x.test/a_b_c</a>.</p>
					<https://x.test/>               => <p><a href="https://x.test/">https://x.test/</a></p>
					![pic](https://x.test/p.png)    => <p><a href="https://x.test/p.png">pic</a></p>
					- a¶- b¶  - c¶- d               => <ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>
					2. a¶3. b¶   more¶¶   para      => <ol start="2"><li><p>a</p></li><li><p>b<br>more</p><p>para</p></li></ol>
					1. a¶   - b¶¶after              => <ol><li>a<ul><li>b</li></ul></li></ol><p>after</p>
					* **a**: b                      => <ul><li><strong>a</strong>: b</li></ul>
					> a¶> - b                       => <blockquote><p>a</p><ul><li>b</li></ul></blockquote>
					a¶¶---¶¶b                       => <p>a</p><hr><p>b</p>
					a|b¶:-|-:¶`x\\|y`|2               => <div class="table" tabindex="0"><table><thead><tr><th>a</th><th class="right">b</th></tr></thead><tbody><tr><td><code>x|y</code></td><td class="right">2</td></tr></tbody></table></div>
					- [x] a¶- [ ] b                 => <ul><li class="task"><input checked="" disabled="" type="checkbox" aria-label="done"> a</li><li class="task"><input disabled="" type="checkbox" aria-label="to do"> b</li></ul>
					it costs $5, not $6             => <p>it costs $5, not $6</p>
					a | b¶no table                  => <p>a | b<br>no table</p>
					""")
	void markdownIsRendered(String markdown, String html) {
		assertThat(render(markdown.replace('¶', '\n'))).isEqualTo(html);
	}

	@Test
	void codeIsShownAsItIs() {
		assertThat(render("```nothing\nif (a < b) {\n\n\t**x**\n}\n```\nafter"))
			.contains("<span>nothing</span>", "<pre tabindex=\"0\"><code>if (a &lt; b) {\n\n\t**x**\n}</code></pre>")
			.endsWith("<p>after</p>");
		assertThat(render("```java\nif (a < b) {}\n```")).contains("<span>java</span>",
				"<code><span class=\"hljs-keyword\">if</span> (a &lt; b) {}</code>");
		assertThat(render("- a\n  ~~~\n  b\n    c\n  ~~~")).contains("<li>a<div class=\"code\">",
				"<code>b\n  c</code>");
	}

	@ParameterizedTest
	@ValueSource(strings = { "$x^2$", "\\(x^2\\)", "$$x^2$$", "\\[x^2\\]" })
	void formulasAreSet(String formula) {
		assertThat(render("so " + formula + " is")).contains("<msup><mi>x</mi><mn>2</mn></msup>")
			.doesNotContain("style=");
	}

	@ParameterizedTest
	@ValueSource(strings = { "<script>window.hacked=1</script>", "<img src=x onerror='window.hacked=1'>",
			"<svg onload='window.hacked=1'>", "[a](javascript:window.hacked=1)",
			"$\\href{javascript:window.hacked=1}{x}$", "$\\htmlData{x=1}{y}$",
			"```\"><img src=x onerror=window.hacked=1>\nx\n```", "<a href='data:text/html,x'>x</a>",
			"![x](https://x.test/p.png)", "<iframe srcdoc='<script>parent.hacked=1</script>'>",
			"<style>*{display:none}</style>",
			"<math><mtext><table><mglyph><style><img src=x onerror=window.hacked=1>" })
	void nothingOfAnAnswerRunsOrLoads(String hostile) {
		String html = render(hostile, hostile + "\n\n- " + hostile, "> " + hostile);
		assertThat(html).doesNotContain("<script", "<img", "<svg", "<iframe", "<style", "href=\"javascript",
				"href=\"data");
		assertThat(chromium.driver().executeScript("return window.hacked")).isNull();
	}

	@Test
	void growingTextEndsAsIfItHadComeAtOnce() {
		String text = "# A\n\nb **c** `d\n\n- e\n- f\n\n```\ng\n```\n\n| h | i |\n|---|---|\n| j | k |\n";
		String[] steps = new String[text.length()];
		for (int i = 0; i < steps.length; i++) {
			steps[i] = text.substring(0, i + 1);
		}
		assertThat(render(steps)).isEqualTo(render(text));
	}

	@Test
	void hostileTextIsRenderedInTime() {
		for (String part : List.of("*", "**a", "_a", "`", "[", "[a](", "![", "<", "> ", "- ", "| ", "#", "~~a",
				"* a *b", "`a``", "\\", "https://", "[[a](b)")) {
			long start = System.nanoTime();
			render(part.repeat(20_000));
			render((part + "\n").repeat(2_000));
			assertThat((System.nanoTime() - start) / 1_000_000).as(part).isLessThan(3_000);
		}
	}

	private static String render(String... texts) {
		return String.valueOf(chromium.driver().executeAsyncScript(RENDER, List.of(texts)));
	}

}
