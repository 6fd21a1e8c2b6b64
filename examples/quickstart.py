import fovea

with fovea.Memory("agent.db", scope="ann/coder") as memory:
    memory.add_many({"role": "user", "content": f"On day {day} the keeper lit lamp {day % 12}."}
                    for day in range(160))                        # full pages become vision tokens
    hit = memory.search("day 42", k=1)[0]
    print(memory.recall(hit.id, source="tokens").text[:60])       # read back from them alone
    print(memory.context(2000, query="day 42", format="anthropic"))  # .messages for the next prompt
    memory.picture(hit.id).image().save("page.png")
