import { contextBridge, ipcRenderer } from 'electron'
import type { About, Requests } from './contract.ts'

const requests: Requests = {
  about: () => ipcRenderer.invoke('about') as Promise<About>,
}

contextBridge.exposeInMainWorld('segscope', requests)
